"""Several instances of one function write at once: nothing is lost, nothing doubled."""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from rig import events, sse

POSTS = 24
EPOCHS_PER_POST = 10
ATTEMPTS = 5


def test_racing_instances(api, account, batch, live):
    path = live.path(f"/api/sse?channels={quote(f'batch:{batch}', safe='')}&token={account.jwt}")
    with sse.Stream(live.port, path) as stream:
        cursor = stream.next_event().id
    posts = [
        [events.epoch(batch, "j1", first + number) for number in range(EPOCHS_PER_POST)]
        for first in range(0, POSTS * EPOCHS_PER_POST, EPOCHS_PER_POST)
    ]

    def post(posted: list[dict]) -> None:
        for _ in range(ATTEMPTS):
            answer = api.post("/api/events/batch", {"events": posted}, account.token)
            # Who loses too many races is told to come again, as every reporter does.
            if answer.status != 503:
                break
            time.sleep(int(answer.headers["retry-after"]))
        assert answer.expect(200)["rejected"] == 0, answer

    # The emulator starts a process per concurrent call. Every request is sent twice at about the
    # same time, as by a client that did not wait for its reply.
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, [posted for pair in zip(posts, posts) for posted in pair]))

    expected = list(range(POSTS * EPOCHS_PER_POST))
    series = api.get(f"/api/jobs/{batch}/j1/epochs", account.jwt).expect(200)
    assert sorted(point["epoch"] for point in series) == expected
    with sse.Stream(live.port, f"{path}&last_event_id={quote(cursor, safe='')}") as stream:
        frames = [frame.json() for frame in stream.rest() if frame.event == "job_epoch"]
    assert sorted(frame["data"]["epoch"] for frame in frames) == expected
