"""The unmodified public reporter against the real server."""

import json
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("sweep.py")


@pytest.fixture
def start(reporter_env):
    """Starts the script; none outlives its test."""
    started = []

    def start(*args):
        script = subprocess.Popen(
            [sys.executable, str(SCRIPT), *args],
            env=reporter_env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        started.append(script)
        return script

    yield start
    for script in started:
        script.kill()
        script.wait()


def go_on(script) -> None:
    script.stdin.write("\n")
    script.stdin.flush()


def expect(script, word: str) -> None:
    line = script.stdout.readline().strip()
    assert line == word, line


def frames(server, session, batch):
    """Live frames of a batch as (event, data) until the stream ends."""
    url = f"{server.url}/api/sse?channels=batch:{batch}&token={session}"
    with urllib.request.urlopen(url, timeout=60) as stream:
        event = None
        for raw in stream:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                yield event, line[6:]


def assert_complete(server, session, batch) -> None:
    """Every epoch of the six jobs is there exactly once, and the counts are right."""
    status, shown = server.call("GET", f"/api/batches/{batch}", bearer=session)
    assert status == 200
    assert (shown["n_done"], shown["n_failed"], shown["n_total"]) == (5, 1, 6)
    _, jobs = server.call("GET", f"/api/batches/{batch}/jobs", bearer=session)
    assert [job["id"] for job in jobs] == [f"job-{n}" for n in range(6)]
    assert jobs[4]["status"] == "failed" and jobs[4]["error"] == "ValueError: bad learning rate"
    for job in jobs:
        _, points = server.call("GET", f"/api/jobs/{batch}/{job['id']}/epochs", bearer=session)
        assert [p["epoch"] for p in points] == list(range(25)), job["id"]
    _, lines = server.call("GET", f"/api/batches/{batch}/log-lines", bearer=session)
    assert sorted(line["line"] for line in lines) == [f"job {n} speaking" for n in range(6)]


def test_a_sweep_survives_a_server_killed_in_the_middle(server, account, reporter_env, start):
    session, _ = account
    script = start()
    batch = script.stdout.readline().strip()
    expect(script, "middle")
    server.kill()
    go_on(script)
    expect(script, "end")
    server.start()
    go_on(script)
    assert script.wait(timeout=60) == 0
    # What the script could not deliver in time waits in its spill file; the next run replays it.
    replay = "from argus import Reporter\nReporter('replay', source_project='proj', heartbeat=False, stop_polling=False, resource_snapshot=False).__enter__().__exit__(None, None, None)"
    subprocess.run([sys.executable, "-c", replay], env=reporter_env, check=True, timeout=60)
    assert_complete(server, session, batch)
    # And once more from disk alone.
    assert server.stop() == 0
    server.start()
    assert_complete(server, session, batch)


def test_stop_reaches_the_running_script(server, account, start):
    session, _ = account
    script = start("stop")
    batch = script.stdout.readline().strip()
    for word in ("middle", "end"):
        expect(script, word)
        if word == "middle":
            go_on(script)
    server.until(f"/api/batches/{batch}", session, lambda shown: shown["status"] == "running")
    status, answer = server.call("POST", f"/api/batches/{batch}/stop", {}, session)
    assert (status, answer["status"]) == (200, "stopping")
    go_on(script)
    assert script.wait(timeout=60) == 0
    _, shown = server.call("GET", f"/api/batches/{batch}", bearer=session)
    assert shown["status"] == "done"


def test_a_viewer_sees_every_event_once(server, account, start):
    session, _ = account
    script = start()
    batch = script.stdout.readline().strip()
    expect(script, "middle")
    seen = []

    def watch():
        for event, data in frames(server, session, batch):
            if event == "hello":
                ready.set()
            # Signs of life, and what the person is told: an earlier test's failures may be told only now.
            elif event not in ("keepalive", "notification"):
                seen.append(json.loads(data))
                if event == "batch_done":
                    return

    server.until(f"/api/batches/{batch}", session, lambda shown: shown["status"] == "running")
    ready = threading.Event()
    viewer = threading.Thread(target=watch, daemon=True)
    viewer.start()
    assert ready.wait(timeout=30)
    go_on(script)
    expect(script, "end")
    go_on(script)
    assert script.wait(timeout=60) == 0
    viewer.join(timeout=30)
    assert not viewer.is_alive()
    ids = [event["event_id"] for event in seen]
    assert len(ids) == len(set(ids))
    later = [e for e in seen if e["event_type"] == "job_epoch" and e["job_id"] in ("job-3", "job-4", "job-5")]
    assert sorted((e["job_id"], e["data"]["epoch"]) for e in later) == [
        (f"job-{n}", epoch) for n in (3, 4, 5) for epoch in range(25)
    ]
