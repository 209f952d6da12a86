"""The live stream: the deployed function, and the same binary in an emulator that streams."""

import time
from urllib.parse import quote

import pytest

from rig import events, http, sse


def subscribe_path(batch: str, jwt: str | None = None) -> str:
    path = f"/api/sse?channels={quote(f'batch:{batch}', safe='')}"
    return f"{path}&token={jwt}" if jwt else path


def post_epoch(api: http.Door, token: str, batch: str, number: int) -> str:
    """Ingests an epoch through the deployed API; returns its event id."""
    posted = events.epoch(batch, "j1", number)
    api.post("/api/events", posted, token).expect(200)
    return posted["event_id"]


@pytest.mark.parametrize("where", ["query", "header"])
def test_deployed_stream(api, account, batch, where):
    """The emulated cloud delivers a stream when it has ended; it ends itself, saying when to return."""
    in_query, in_header = (account.jwt, None) if where == "query" else (None, account.jwt)
    answer = api.get(subscribe_path(batch, in_query), in_header)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = sse.parse_all(answer.body)
    assert frames[0].event == "hello" and frames[0].id
    assert frames[-1].retry


def test_deployed_stream_refuses_strangers(api, batch):
    assert api.get(subscribe_path(batch)).status == 401
    assert api.get(subscribe_path(batch, "nonsense")).status == 401


def test_frames_arrive_one_by_one_and_a_reconnect_replays_what_was_missed(api, account, batch, live):
    bearer = {"Authorization": f"Bearer {account.jwt}"}
    heard, sent, moments = [], [], []
    with sse.Stream(live.port, live.path(subscribe_path(batch)), bearer) as stream:
        assert stream.status == 200 and stream.content_type.startswith("text/event-stream")
        opened = time.monotonic()
        assert stream.next_event().event == "hello"
        for number in range(5):
            # The next event is posted only when the last one was heard: nothing can be collected.
            sent.append(post_epoch(api, account.token, batch, number))
            frame = stream.next_event()
            assert frame.event == "job_epoch"
            assert frame.json()["channel"] == f"batch:{batch}"
            heard.append(frame)
            moments.append(frame.at)
        last_words = [frame for frame in stream.rest() if frame.event not in ("keepalive", "notification")]
        ended = time.monotonic()
    assert [frame.json()["event_id"] for frame in heard] == sent
    assert all(later > earlier for earlier, later in zip(moments, moments[1:]))
    assert moments[-1] < ended and opened < moments[0]
    assert [frame.retry is not None for frame in last_words] == [True], last_words

    # Away: three more happen. The client returns having processed three of the five it heard.
    missed = sent[3:] + [post_epoch(api, account.token, batch, number) for number in range(5, 8)]
    back = {**bearer, "Last-Event-ID": heard[2].id}
    with sse.Stream(live.port, live.path(subscribe_path(batch)), back) as stream:
        assert stream.next_event().event == "hello"
        replayed = [stream.next_event() for _ in missed]
        assert [frame.json()["event_id"] for frame in replayed] == missed
        # Straight on with what happens now: nothing was told twice in between.
        now = post_epoch(api, account.token, batch, 8)
        assert stream.next_event().json()["event_id"] == now


def test_a_cursor_in_the_query_works_like_the_header(api, account, batch, live):
    with sse.Stream(live.port, live.path(subscribe_path(batch, account.jwt))) as stream:
        cursor = stream.next_event().id
    missed = [post_epoch(api, account.token, batch, number) for number in range(2)]
    path = f"{subscribe_path(batch, account.jwt)}&last_event_id={quote(cursor, safe='')}"
    with sse.Stream(live.port, live.path(path)) as stream:
        assert stream.next_event().event == "hello"
        assert [stream.next_event().json()["event_id"] for _ in missed] == missed
