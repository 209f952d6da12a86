"""An agent on the deployed addresses: registered, told to run a batch again, told to stop it, and heard."""

import uuid

import pytest

from rig import events


@pytest.fixture
def host() -> str:
    return f"box-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def agent(api, account, host):
    made = api.post("/api/agents/register", {"hostname": host}, account.token).expect(201)
    path = f"/api/agents/{made['agent_id']}"

    class Agent:
        def jobs(self, wait: int = 0) -> list[dict]:
            return api.get(f"{path}/jobs?wait={wait}", made["agent_token"]).expect(200)["jobs"]

        def tell(self, job: dict, what: str, **body):
            return api.post(f"{path}/jobs/{job['id']}/{what}", body, made["agent_token"])

    return Agent()


@pytest.fixture
def finished(api, account, host) -> str:
    """A batch with its command, run and done on the host."""
    batch = f"batch-{uuid.uuid4().hex[:12]}"
    recorded = {"argv": ["python", "train.py"], "cwd": "/home/ada", "env": {"SEED": "1"}}
    told = [
        events.event("batch_start", batch, experiment_type="sweep", n_total_jobs=1, command="python train.py"),
        events.event("env_snapshot", batch, **recorded),
        events.event("job_start", batch, "j1", model="mlp", dataset="toy"),
        events.event("job_done", batch, "j1", status="DONE", elapsed_s=1),
        events.event("batch_done", batch, n_done=1, n_failed=0),
    ]
    for event in told:
        event["source"]["host"] = host
    assert api.post("/api/events/batch", {"events": told}, account.token).expect(200)["rejected"] == 0
    return batch


def test_a_rerun_and_a_stop_go_from_the_page_to_the_host_and_back(api, account, agent, finished):
    assert agent.jobs() == []
    wish = {"overrides": {"lr": 0.1}}
    made = api.post(f"/api/batches/{finished}/rerun", wish, account.jwt).expect(201)
    child = made["batch_id"]
    # Another click while it waits is the same wish.
    again = api.post(f"/api/batches/{finished}/rerun", wish, account.jwt).expect(201)
    assert (again["batch_id"], again["deduped"]) == (child, True)

    [job] = agent.jobs(wait=5)
    assert (job["kind"], job["batch_id"]) == ("rerun", child)
    assert job["payload"]["argv"] == ["python", "train.py"] and job["payload"]["overrides"] == {"lr": 0.1}
    # Reading does not consume it; an answer does, and a repeated answer is the same.
    assert [held["id"] for held in agent.jobs()] == [job["id"]]
    token = agent.tell(job, "ack", status="started", pid="42").expect(200)["reporter_token"]
    assert agent.tell(job, "ack", status="started", pid="42").expect(200)["status"] == "started"
    assert agent.jobs() == []

    # What was launched reports with its own token, into its own batch alone.
    assert api.post("/api/events", events.epoch(child, "j1", 0), token).status == 200
    assert api.post("/api/events", events.epoch(finished, "j1", 9), token).status == 403
    assert api.get(f"/api/batches/{child}", account.jwt).expect(200)["status"] == "running"

    api.post(f"/api/batches/{child}/stop", {}, account.jwt).expect(200)
    [stop] = agent.jobs(wait=5)
    assert (stop["kind"], stop["batch_id"]) == ("stop", child)
    agent.tell(stop, "ack", status="started").expect(200)
    over = agent.tell(job, "exit", exit_code=None, signal=15, reason="signaled", last_lines=["stopping"]).expect(200)
    assert over["batch_status"] == "stopped"
    assert agent.tell(job, "exit", exit_code=None, signal=15, reason="signaled", last_lines=["stopping"]).expect(200) == over
    assert api.get(f"/api/batches/{child}", account.jwt).expect(200)["status"] == "stopped"
    assert agent.jobs() == []
