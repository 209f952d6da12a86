"""`argus rerun` and `argus stop`, typed: real command, real server, real agent, real script."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from argus_server import until


@pytest.fixture
def argus(server, account, agent):
    # Built with the agent.
    command = Path(os.environ["ARGUS_AGENT_BIN"]).with_name("argus")
    env = dict(agent.env, ARGUS_URL=server.url, ARGUS_TOKEN=account[1])

    def run(*args: str) -> subprocess.CompletedProcess:
        return subprocess.run([command, *args], env=env, capture_output=True, text=True, timeout=120)

    return run


def test_a_run_again_and_its_stop(server, account, agent, project, argus):
    waits = argus("rerun", project.batch, "--set", "epochs=1000", "--set", "pause=0.1", "--name", "long")
    assert waits.returncode == 0, waits.stderr
    host = server.call("GET", f"/api/batches/{project.batch}", bearer=account[0])[1]["host"]
    # Logged in a moment ago, so the server expects it back.
    child, rest = waits.stdout.strip().split(":", 1)
    assert rest == f" requested; the agent on {host} launches it"

    agent.start()
    until("it runs", lambda: len(project.lines()) == 2)
    server.until(f"/api/batches/{child}", account[0], lambda b: b["status"] == "running")
    assert project.marks()[1] == "epochs=2 lr=0.1 epochs=1000 pause=0.1"
    stopped = argus("stop", child, "--reason", "too long", "--wait", "--json")
    assert stopped.returncode == 0, stopped.stderr
    assert json.loads(stopped.stdout)["status"] == "stopped"
    shown = server.call("GET", f"/api/batches/{child}", bearer=account[0])[1]
    assert (shown["name"], shown["stop_reason"]) == ("long", "too long")
    over = argus("stop", child)
    assert (over.returncode, over.stdout.split()[1]) == (0, "stopped"), "again changes nothing"


def test_a_launch_is_waited_for(server, account, agent, project, argus):
    agent.start()
    server.until("/api/agents", account[0], lambda a: a["items"][0]["online"])
    launched = argus("rerun", project.batch, "--wait", "--json")
    assert launched.returncode == 0, launched.stderr
    answer = json.loads(launched.stdout)
    assert (answer["status"] in ("started", "exited"), answer["agent_online"]) == (True, True)
    done = server.until(f"/api/batches/{answer['batch_id']}", account[0], lambda b: b["status"] == "done")
    assert done["source_batch_id"] == project.batch


def test_what_the_host_refuses_is_said(server, account, agent, project, argus):
    (agent.state / "policy.toml").write_text("[run]\noverrides = false\n")
    agent.start()
    server.until("/api/agents", account[0], lambda a: a["items"][0]["online"])
    refused = argus("rerun", project.batch, "--set", "lr=0.5", "--wait")
    assert refused.returncode == 1
    assert "failed policy" in refused.stderr, refused.stderr
    assert project.marks() == ["epochs=2 lr=0.1"]
