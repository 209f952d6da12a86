"""What people do, from end to end, on the deployed addresses: the public SDK reports, the page is told,
files go to the bucket and back, schedules fire, mails leave, a run is stopped."""

import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from rig import events, sse
from rig.doorway import Doorway

SWEEP = Path(__file__).with_name("sweep.py")


def eventually(what: Callable, seconds: float):
    """The first answer that is not empty."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "still nothing"
        time.sleep(0.5)
    return found


@pytest.fixture
def sdk(api, account, home):
    """Starts the training script with the SDK; it does not outlive its test."""
    way = Doorway(api)
    env = {**os.environ, "ARGUS_URL": way.url, "ARGUS_TOKEN": account.token, "HOME": str(home)}
    started = []

    def start(project: str) -> subprocess.Popen:
        command = [sys.executable, str(SWEEP), project]
        script = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        started.append(script)
        return script

    yield start
    for script in started:
        script.kill()
        script.wait()
    way.close()


def test_the_public_sdk_reports_is_seen_live_and_is_stopped(api, account, sdk, live):
    script = sdk("deployed-sweep")
    batch = script.stdout.readline().strip()
    assert script.stdout.readline().strip() == "reported"

    def done() -> list[dict]:
        jobs = api.get(f"/api/batches/{batch}/jobs", account.jwt)
        return [job for job in jobs.json() if job["status"] == "done"] if jobs.status == 200 else []

    assert len(eventually(lambda: len(done()) == 2 and done(), 30)) == 2
    for job in ("job-0", "job-1"):
        points = api.get(f"/api/jobs/{batch}/{job}/epochs", account.jwt).expect(200)
        assert [point["epoch"] for point in points] == list(range(20))
    lines = api.get(f"/api/batches/{batch}/log-lines", account.jwt).expect(200)
    assert sorted(line["line"] for line in lines) == ["job 0 speaking", "job 1 speaking"]

    # Asking to stop is told to the page while it watches, and to the script when it next asks.
    path = live.path(f"/api/sse?channels={quote(f'batch:{batch}', safe='')}&token={account.jwt}")
    with sse.Stream(live.port, path) as stream:
        assert stream.next_event().event == "hello"
        assert api.post(f"/api/batches/{batch}/stop", {}, account.jwt).status == 200
        told = stream.next_event()
        assert told.event == "batch_stop_requested" and told.json()["batch_id"] == batch
    assert script.stdout.readline().strip() == "stopped"
    assert script.wait(timeout=30) == 0


def by_ticket(ticket: dict, body: bytes) -> int:
    """Sends a file where a ticket says, with its headers and no others; the address alone is the
    permission. Returns the status."""
    parts = urlsplit(ticket["url"])
    link = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        link.request(ticket["method"], f"{parts.path}?{parts.query}", body, ticket["headers"])
        return link.getresponse().status
    finally:
        link.close()


def test_a_large_file_goes_to_the_bucket_and_comes_back_from_it(api, account, batch):
    content = os.urandom(6 << 20)
    wish = {"filename": "model.bin", "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    begin = f"/api/batches/{batch}/artifacts/uploads"
    ticket = api.post(begin, {**wish, "job_id": "j1"}, account.token).expect(201)
    assert by_ticket(ticket, content) == 200
    api.post(f"/api/artifacts/{ticket['id']}/complete", {}, account.token).expect(200)

    [listed] = api.get(f"/api/jobs/j1/artifacts?batch_id={batch}", account.jwt).expect(200)
    assert (listed["filename"], listed["size_bytes"]) == ("model.bin", len(content))
    # More than a function may answer: a redirect to the bucket.
    answer = api.get(f"/api/artifacts/{ticket['id']}", account.jwt)
    assert answer.status in (302, 303, 307)
    with urllib.request.urlopen(answer.headers["location"], timeout=30) as read:
        assert read.read() == content
    # Another file than announced is refused.
    other = api.post(begin, {**wish, "job_id": "j1"}, account.token).expect(201)
    assert by_ticket(other, content[:-1] + b"x") in (200, 400, 403)
    assert api.post(f"/api/artifacts/{other['id']}/complete", {}, account.token).status == 409


@pytest.mark.timeout(240)
def test_an_uploaded_file_of_events_is_replayed(api, account, batch):
    """The bucket tells the event bus, the bus wakes the function."""
    posted = [events.epoch(batch, "j1", number) for number in range(700)]
    body = "".join(json.dumps(event) + "\n" for event in posted).encode()
    wish = {"filename": "spill.jsonl", "size_bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    ticket = api.post("/api/events/spill", wish, account.token).expect(201)
    assert by_ticket(ticket, body) == 200

    def replayed() -> bool:
        shown = api.get(f"/api/events/spill/{ticket['id']}", account.token).expect(200)
        return shown["state"] == "done"

    eventually(replayed, 60)
    series = api.get(f"/api/jobs/{batch}/j1/epochs", account.jwt).expect(200)
    assert [point["epoch"] for point in series] == list(range(700))


@pytest.mark.timeout(240)
def test_the_schedule_fires_and_a_mail_leaves_through_ses(emulator, stack, api):
    name = f"eve{uuid.uuid4().hex[:6]}"
    person = {"username": name, "email": f"{name}@example.org", "password": "correct horse battery staple 2"}
    api.post("/api/auth/register", person).expect(201)
    login = {"username_or_email": name, "password": person["password"]}
    jwt = api.post("/api/auth/login", login).expect(200)["access_token"]

    def sent() -> list[dict]:
        with urllib.request.urlopen(f"{emulator.url}/_ministack/ses/messages", timeout=10) as answer:
            of_accounts = json.load(answer)["messages"].values()
        return [mail for mails in of_accounts for mail in mails if f"Hello {name}," in mail["BodyText"]]

    # Nobody calls the function: once a minute the bus does.
    [mail, *_] = eventually(sent, 150)
    # The link in it leads to the one name of the deployment, and works.
    secret = re.search(rf"https://{re.escape(stack.host)}/\S*token=([\w-]+)", mail["BodyText"])[1]
    assert api.get("/api/auth/me", jwt).expect(200)["email_verified"] is False
    assert api.post("/api/auth/verify-email", {"token": secret}).status == 200
    eventually(lambda: api.get("/api/auth/me", jwt).expect(200)["email_verified"], 15)
