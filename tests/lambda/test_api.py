"""The deployed API, through the gateway and the Lambda runtime protocol."""

import itertools
import time
import uuid
from urllib.parse import quote

import pytest

from rig import events, http


def eventually(holds, seconds: float = 10) -> None:
    """Waits for what other instances learn a little later."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "still not so"
        time.sleep(0.2)


def post_all(api: http.Door, token: str, posted: list[dict]) -> dict:
    answer = api.post("/api/events/batch", {"events": posted}, token).expect(200)
    assert answer["accepted"] == len(posted), answer
    return answer


def test_account(api, account):
    me = api.get("/api/auth/me", account.jwt).expect(200)
    assert me["username"] == account.name
    tokens = api.get("/api/tokens", account.jwt).expect(200)
    assert [token["name"] for token in tokens] == ["rig"]
    sessions = api.get("/api/auth/sessions", account.jwt).expect(200)
    assert len(sessions) == 1


def test_what_was_withdrawn_is_refused_everywhere(api, account):
    person = {"username_or_email": account.name, "password": account.password}
    jwt = api.post("/api/auth/login", person).expect(200)["access_token"]
    token = api.post("/api/tokens", {"name": "short-lived", "scope": "viewer"}, jwt).expect(201)
    assert api.get("/api/batches", token["token"]).status == 200
    assert api.get("/api/batches", jwt).status == 200
    assert api.call("DELETE", f"/api/tokens/{token['id']}", jwt).status == 200
    assert api.post("/api/auth/logout", {}, jwt).status == 200
    eventually(lambda: api.get("/api/batches", token["token"]).status == 401)
    eventually(lambda: api.get("/api/batches", jwt).status == 401)


@pytest.mark.parametrize("bearer", [None, "em_live_" + "x" * 27, "nonsense"])
def test_wrong_credential_is_401(api, batch, bearer):
    posted = {"events": [events.epoch(batch, "j1", 0)]}
    assert api.post("/api/events/batch", posted, bearer).status == 401
    assert api.get(f"/api/batches/{batch}", bearer).status == 401


def test_wrong_password_is_401(api, account):
    wrong = {"username_or_email": account.name, "password": account.password + "?"}
    refusal = api.post("/api/auth/login", wrong)
    body = refusal.expect(401)
    assert body["code"] and body["request_id"] == refusal.headers["x-request-id"]


def test_hundred_epochs_are_read_back(api, account, batch):
    posted = [events.epoch(batch, "j1", number) for number in range(100)]
    answer = post_all(api, account.token, posted)
    assert answer["stop"] == {batch: False}
    # The whole request again, as after a lost reply.
    again = api.post("/api/events/batch", {"events": posted}, account.token).expect(200)
    assert {result["status"] for result in again["results"]} == {"deduplicated"}

    listed = api.get("/api/batches?limit=100", account.jwt).expect(200)
    assert batch in [entry["id"] for entry in listed]
    [job] = api.get(f"/api/batches/{batch}/jobs", account.jwt).expect(200)
    assert (job["id"], job["status"], job["model"], job["last_epoch"]) == ("j1", "running", "mlp", 99)
    series = api.get(f"/api/jobs/{batch}/j1/epochs", account.jwt).expect(200)
    read = [(point["epoch"], point["train_loss"], point["val_loss"], point["lr"]) for point in series]
    sent = [tuple(event["data"][key] for key in ("epoch", "train_loss", "val_loss", "lr")) for event in posted]
    assert read == sent


def test_single_event_and_the_sweep_series(api, account, batch):
    for number in range(3):
        posted = events.epoch(batch, "j1", number)
        answer = api.post("/api/events", posted, account.token).expect(200)
        assert answer["accepted"] and not answer["deduplicated"] and answer["stop"] is False
    sweep = api.get(f"/api/batches/{batch}/epochs", account.jwt).expect(200)
    assert [(job["job_id"], len(job["points"])) for job in sweep["jobs"]] == [("j1", 3)]


def test_a_finished_batch_counts_its_jobs(api, account, batch):
    ending = [
        events.event("job_done", batch, "j1", status="DONE", metrics={"MSE": 0.25}, elapsed_s=1.5),
        events.event("job_start", batch, "j2"),
        events.event("job_failed", batch, "j2", status="FAILED", reason="ValueError: bad"),
        events.event("batch_done", batch, n_done=1, n_failed=1, total_elapsed_s=2.0),
    ]
    post_all(api, account.token, ending)
    found = api.get(f"/api/batches/{batch}", account.jwt).expect(200)
    assert (found["status"], found["n_done"], found["n_failed"]) == ("done", 1, 1)
    jobs = api.get(f"/api/batches/{batch}/jobs", account.jwt).expect(200)
    assert {job["id"]: job["status"] for job in jobs} == {"j1": "done", "j2": "failed"}


def test_not_a_number_survives(api, account, batch):
    posted = events.event("job_epoch", batch, "j1", epoch=0, train_loss=float("nan"), val_loss=float("-inf"))
    # Python's JSON writes the bare words NaN and -Infinity, as the reporters do.
    assert api.post("/api/events", posted, account.token).status == 200
    path = f"/api/jobs/{batch}/j1/epochs"
    [point] = api.get(f"{path}?nonfinite=text", account.jwt).expect(200)
    assert (point["train_loss"], point["val_loss"]) == ("NaN", "-Infinity")
    [point] = api.get(path, account.jwt).expect(200)
    assert (point["train_loss"], point["val_loss"]) == (None, None)


def test_log_lines_of_all_jobs_come_in_order(api, account, batch):
    lines = [(f"j{number % 2 + 1}", f"line {number}") for number in range(6)]
    for job, line in lines:
        post_all(api, account.token, [events.event("log_line", batch, job, line=line, level="info")])
    read = api.get(f"/api/batches/{batch}/log-lines?limit=100", account.jwt).expect(200)
    assert sorted(entry["line"] for entry in read) == [line for _, line in lines]
    of_job = api.get(f"/api/jobs/{batch}/j1/log-lines", account.jwt).expect(200)
    assert sorted(entry["line"] for entry in of_job) == [line for job, line in lines if job == "j1"]


def test_batches_are_paged(api, account):
    project = f"paged-{uuid.uuid4().hex[:8]}"
    made = []
    for _ in range(3):
        opening = events.event("batch_start", f"p-{uuid.uuid4().hex[:8]}", experiment_type="sweep", n_total_jobs=0)
        opening["source"]["project"] = project
        post_all(api, account.token, [opening])
        made.append(opening["batch_id"])
    found, path = [], f"/api/batches?project={project}&limit=2"
    answer = api.get(path, account.jwt)
    while True:
        page = answer.expect(200)
        found += [entry["id"] for entry in page]
        cursor = answer.headers.get("x-next-cursor")
        if not cursor:
            break
        assert len(found) <= len(made)
        answer = api.get(f"{path}&cursor={quote(cursor, safe='')}", account.jwt)
    assert sorted(found) == sorted(made)


def test_stop_reaches_the_reporter(api, account, batch):
    asked = api.get(f"/api/batches/{batch}/stop-requested", account.token).expect(200)
    assert (asked["requested"], asked["stop_requested"]) == (False, False)
    assert api.post(f"/api/batches/{batch}/stop", {}, account.jwt).status == 200
    asked = api.get(f"/api/batches/{batch}/stop-requested", account.token).expect(200)
    assert (asked["requested"], asked["stop_requested"]) == (True, True)
    # Replies say it too, as soon as the ingest instance looks at the batch again.
    numbers = itertools.count()
    eventually(lambda: post_all(api, account.token, [events.epoch(batch, "j1", next(numbers))])["stop"][batch])


@pytest.mark.parametrize("job", ["seed 1", "größe", "50%", "lr=1e-3,wd=0", "run#2"])
def test_ids_that_need_escapes(api, account, batch, job):
    """The gateway hands paths over decoded."""
    post_all(api, account.token, [events.event("job_start", batch, job, model="mlp"), events.epoch(batch, job, 0)])
    found = api.get(f"/api/jobs/{batch}/{quote(job, safe='')}", account.jwt).expect(200)
    assert found["id"] == job
    series = api.get(f"/api/jobs/{batch}/{quote(job, safe='')}/epochs?max_points=10", account.jwt).expect(200)
    assert [point["epoch"] for point in series] == [0]


def test_bad_input(api, account):
    garbage = api.call("POST", "/api/events", account.token, "{", {"Content-Type": "application/json"})
    assert garbage.status == 422 and garbage.json()["detail"]
    many = {"events": [events.epoch("b", "j", number) for number in range(501)]}
    assert api.post("/api/events/batch", many, account.token).status == 422


def test_what_nobody_serves_is_404(api, account):
    assert api.get("/api/nothing", account.jwt).status == 404
    assert api.get("/api/batches/absent", account.jwt).expect(404)["code"]


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/docs"])
def test_public_pages(emulator, stack, door_secret, path):
    # By path, as the front door would come: under any host name the emulator answers /health itself.
    door = http.Door(emulator.port, "localhost", (("x-argus-door", door_secret),))
    answer = door.get(f"/_aws/execute-api/{stack.api_id}/$default{path}")
    assert answer.status == 200 and answer.headers["x-request-id"]
