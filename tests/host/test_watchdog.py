"""The watchdog between a real server, a real agent and a run: what it reports, obeys and spares."""

import shutil
import socket
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from argus_server import until
from dog import Dog, Outside

HOST = socket.gethostname()


@pytest.fixture
def outside():
    outside = Outside()
    yield outside
    outside.hold.set()
    outside.server.shutdown()


@pytest.fixture
def dog(server, account, agent, outside, tmp_path):
    return Dog(tmp_path, server.url, account[1], agent.state / "journal.jsonl", outside)


@pytest.fixture
def hogs(tmp_path):
    """Two processes a person might want to be rid of, and the words they are known by."""
    program = tmp_path / "hog"
    shutil.copy("/bin/sleep", program)
    started = [(subprocess.Popen([program, "86399", mark]), mark) for mark in ("4711.01", "4711.02")]
    yield started
    for process, _ in started:
        process.kill()
        process.wait()


def records(server, session, kind):
    status, found = server.call("GET", f"/api/hosts/{HOST}/watchdog/records?kind={kind}&limit=500", bearer=session)
    assert status == 200, found
    return found


def watchdog(server, session):
    status, found = server.call("GET", f"/api/hosts/{HOST}/watchdog", bearer=session)
    assert status == 200 and len(found["items"]) == 1, found
    return found["items"][0]


def wish(server, session, **wishes):
    wishes["agent_id"] = watchdog(server, session)["agent_id"]
    assert server.call("PUT", f"/api/hosts/{HOST}/watchdog/policy", wishes, session)[0] == 200


def answer(server, session, target, verdict):
    ask = next(r for r in records(server, session, "ask") if r["data"]["target"] == str(target))
    word = {"agent_id": ask["agent_id"], "digest": ask["data"]["digest"], "verdict": verdict}
    assert server.call("POST", f"/api/hosts/{HOST}/watchdog/asks", word, session)[0] == 200


def clock(**ahead) -> str:
    return (datetime.now(timezone.utc) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_only_what_a_person_agreed_to_is_ended_and_not_while_it_is_paused(server, account, dog, outside, hogs):
    session = account[0]
    (first, mark), (second, other) = hogs
    outside.prey = [mark, other]
    assert dog.look() == 0, dog.said
    asked = {record["data"]["target"] for record in records(server, session, "ask")}
    assert len(asked) == 2 and first.poll() is None and second.poll() is None
    assert watchdog(server, session)["mode"] == "live"

    answer(server, session, first.pid, "allow")
    wish(server, session, paused_until=clock(hours=1))
    assert dog.look() == 0, dog.said
    assert first.poll() is None, "paused by the server"
    assert watchdog(server, session)["mode"] == "paused"
    wish(server, session, maintenance={"from": clock(hours=-1), "to": clock(hours=1)})
    assert dog.look() == 0, dog.said
    assert first.poll() is None, "in a maintenance window"

    # A window that is over holds nobody.
    wish(server, session, maintenance={"from": clock(hours=-2), "to": clock(hours=-1)})
    assert dog.look() == 0, dog.said
    until("the process somebody agreed about ends", lambda: first.poll() is not None, 10)
    assert second.poll() is None, "nobody agreed about the other"
    done = [r["data"] for r in records(server, session, "action") if r["data"]["verdict"] == "done"]
    assert [d["action"] for d in done] == ["kill_pid"] and done[0]["target"] == str(first.pid), done
    answer(server, session, second.pid, "deny")
    assert dog.look() == 0, dog.said
    assert second.poll() is None


def test_a_run_is_spared_and_stopped_cleanly_instead(server, account, dog, agent, project, outside):
    session = account[0]
    dog.config.write_text(dog.config.read_text().replace('kill_pid = "ask"', 'kill_pid = "auto"'))
    outside.prey = ["mark=4712"]
    agent.start()
    body = {"overrides": {"epochs": 100000, "pause": 0.1, "mark": 4712}}
    status, rerun = server.call("POST", f"/api/batches/{project.batch}/rerun", body, session)
    assert status == 201, rerun
    until("it runs", lambda: len(project.lines()) == 2)
    server.until(f"/api/batches/{rerun['batch_id']}", session, lambda b: b["status"] == "running")
    assert dog.look() == 0, dog.said
    refused = [r["data"] for r in records(server, session, "action") if r["data"]["verdict"] == "refused"]
    assert refused and refused[0]["job"]["batch_id"] == rerun["batch_id"], (refused, dog.said)
    assert "stop run" in refused[0]["result"], "the offer"
    pid = int(project.lines()[1].split()[0])
    runs = records(server, session, "snapshot")[0]["data"]["runs"]
    assert {"batch_id": rerun["batch_id"], "pid": pid} in runs
    # The offer, taken: the agent ends it.
    assert server.call("POST", f"/api/batches/{rerun['batch_id']}/stop", {}, session)[0] == 200
    server.until(f"/api/batches/{rerun['batch_id']}", session, lambda b: b["status"] in ("stopped", "failed"))
    until("the process is gone", lambda: subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode)


def test_what_the_server_missed_arrives_once(server, account, dog, outside, hogs):
    session = account[0]
    outside.prey = [mark for _, mark in hogs]
    assert dog.look() == 0, dog.said
    server.kill()
    assert [dog.look(), dog.look()] == [2, 2], dog.said
    assert len(list((dog.state / "spool").iterdir())) > 0
    server.start()
    assert dog.look() == 0, dog.said
    assert not list((dog.state / "spool").iterdir()), "all of it arrived"
    arrived = [record["id"] for record in records(server, session, "problem")]
    assert sorted(arrived) == sorted(row["id"] for row in dog.rows())
    assert len(records(server, session, "snapshot")) == 4


def test_killed_in_the_middle_of_a_cycle_nothing_is_double(server, account, dog, outside, hogs):
    session = account[0]
    outside.prey = [mark for _, mark in hogs]
    outside.hold.clear()
    process = dog.start()
    assert outside.busy.wait(60), "the alert is on its way"
    # Rows are written, little is remembered yet.
    written = dog.rows()
    assert [row["verdict"] for row in written].count("asked") == 2, written
    dog.kill(process)
    outside.hold.set()
    assert dog.look() == 0, dog.said
    assert "cut off before its end" in dog.said
    rows = dog.rows()
    assert [row["id"] for row in rows[:len(written)]] == [row["id"] for row in written]
    asked = [row for row in rows if row["verdict"] == "asked"]
    assert len(asked) == 2, "each question is there once"
    arrived = [record["id"] for record in records(server, session, "problem")]
    assert sorted(arrived) == sorted(row["id"] for row in rows)
    assert len(records(server, session, "ask")) == 2
    assert dog.look() == 0, dog.said
    memory = [text for text in outside.told if "Memory is almost used up" in text]
    assert len(memory) == 1, outside.told
