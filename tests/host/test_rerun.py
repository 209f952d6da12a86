"""From the button to the process and back: real server, real agent, real script."""

import os

from argus_server import until


def rerun(server, session, batch, overrides):
    body = {"overrides": overrides}
    status, answer = server.call("POST", f"/api/batches/{batch}/rerun", body, session)
    assert status == 201, answer
    return answer["batch_id"]


def is_over(batch):
    return batch["status"] in ("done", "failed", "stopped")


def lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def test_rerun_with_changed_values(server, account, agent, project):
    session = account[0]
    agent.start()
    child = rerun(server, session, project.batch, {"lr": 0.5, "name": "a b; rm -rf *"})
    batch = server.until(f"/api/batches/{child}", session, is_over)
    assert batch["status"] == "done", (batch, agent.said())
    assert project.marks() == ["epochs=2 lr=0.1", "epochs=2 lr=0.1 lr=0.5 name='a b; rm -rf *'"]
    assert batch["source_batch_id"] == project.batch
    jobs = server.until(f"/api/batches/{child}/jobs", session, lambda jobs: jobs)
    assert jobs, "the script reported into the new batch"
    logs = server.until(f"/api/batches/{child}/log-lines?limit=200", session, lambda logs: "epoch 1 lr 0.5" in str(logs))
    assert "threads 1" in str(logs), "a recorded variable came back"
    agents = server.until("/api/agents", session, lambda a: a["items"][0]["policy"])
    assert agents["items"][0]["online"] and agents["items"][0]["policy"]["approve"] == "always"


def test_stop_from_the_browser(server, account, agent, project):
    session = account[0]
    agent.start()
    child = rerun(server, session, project.batch, {"epochs": 1000, "pause": 0.1})
    until("it runs", lambda: len(project.lines()) == 2)
    server.until(f"/api/batches/{child}", session, lambda b: b["status"] == "running")
    assert server.call("POST", f"/api/batches/{child}/stop", {}, session)[0] == 200
    batch = server.until(f"/api/batches/{child}", session, is_over)
    assert batch["status"] in ("stopped", "failed"), batch
    assert not lives(project.lines()[1].split()[0])


def test_a_script_that_does_not_listen(server, account, agent, project):
    session = account[0]
    agent.state.mkdir(exist_ok=True)
    (agent.state / "policy.toml").write_text("[limits]\ngrace_seconds = 2\n")
    agent.start()
    child = rerun(server, session, project.batch, {"epochs": 1000, "pause": 0.1, "deaf": True})
    until("it runs", lambda: len(project.lines()) == 2)
    server.until(f"/api/batches/{child}", session, lambda b: b["status"] == "running")
    assert server.call("POST", f"/api/batches/{child}/stop", {}, session)[0] == 200
    batch = server.until(f"/api/batches/{child}", session, is_over)
    assert batch["status"] == "stopped", batch
    assert not lives(project.lines()[1].split()[0])


def test_server_and_agent_restarted_in_between(server, account, agent, project):
    session = account[0]
    agent.start()
    child = rerun(server, session, project.batch, {"epochs": 60, "pause": 0.1})
    until("it runs", lambda: len(project.lines()) == 2)
    server.kill()
    agent.kill()
    agent.start()
    server.start()
    batch = server.until(f"/api/batches/{child}", session, is_over)
    assert batch["status"] == "done", batch
    assert len(project.lines()) == 2, "it ran once"


def test_what_the_host_does_not_allow(server, account, agent, project):
    session = account[0]
    (agent.state / "policy.toml").write_text("[run]\noverrides = false\n")
    agent.start()
    child = rerun(server, session, project.batch, {"lr": 0.5})
    info = server.until(f"/api/batches/{child}/rerun-info", session,
                        lambda i: i["command"] and i["command"]["status"] == "failed")
    assert info["command"]["reason"] == "policy", info
    assert project.marks() == ["epochs=2 lr=0.1"]


def test_a_revoked_agent_is_not_served(server, account, agent, project):
    session = account[0]
    agent.start()
    items = server.until("/api/agents", session, lambda a: a["items"] and a["items"][0]["online"])["items"]
    assert server.call("DELETE", f"/api/agents/{items[0]['agent_id']}", None, session)[0] == 204
    until("it says so", lambda: "argus-agent login" in agent.said())
    rerun(server, session, project.batch, {})
    assert len(project.lines()) == 1
    assert agent.run("login").returncode == 0
    until("the waiting rerun begins", lambda: len(project.lines()) == 2)
