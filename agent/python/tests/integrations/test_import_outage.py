"""Imports that are interrupted: by a network that fails, and by being killed."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from gate import Gate
from test_cli import BINARY

POINTS = 4_000


@pytest.fixture
def gate(site):
    gate = Gate(site.server.port)
    yield gate
    gate.close()


@pytest.fixture
def mlruns(tmp_path):
    """A run of a file store with a long series."""
    run = tmp_path / "mlruns" / "1" / "feed"
    (run / "metrics").mkdir(parents=True)
    (run.parent / "meta.yaml").write_text("experiment_id: '1'\nname: long\n")
    (run / "meta.yaml").write_text("run_id: feed\nstatus: 3\nstart_time: 1700000000000\nend_time: 1700000900000\n")
    lines = (f"{1_700_000_000_000 + n} {1 / (n + 1)} {n}\n" for n in range(POINTS))
    (run / "metrics" / "loss").write_text("".join(lines))
    return tmp_path / "mlruns"


def start(site, gate, mlruns):
    return subprocess.Popen(
        [BINARY, "--json", "import", "mlflow", str(mlruns), "--project", site.project],
        env=os.environ | {"ARGUS_URL": gate.url}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def journal():
    return list((Path(os.environ["HOME"]) / ".argus-reporter" / "imports").glob("*.json"))


def begun(process):
    """Waits until the server has some of it."""
    while process.poll() is None and not journal():
        pass


def complete(site):
    job = site.jobs()["main"]
    assert (job["status"], job["last_epoch"]) == ("done", POINTS - 1)
    epochs = site.get(f"/api/jobs/{site.batch()['id']}/main/epochs?max_points=10000")
    assert (epochs[0]["epoch"], epochs[-1]["epoch"]) == (0, POINTS - 1)


@pytest.mark.parametrize("trouble", ["500", "reset", "429", "refuse"])
def test_trouble_in_the_middle_is_waited_out(site, gate, mlruns, trouble):
    process = start(site, gate, mlruns)
    begun(process)
    gate.mode = trouble
    # Longer than the first two waits, shorter than all of them together.
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    gate.mode = "pass"
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    row = json.loads(out)[0]
    assert (row["stored"], row["refused"]) == (POINTS + 4, 0)
    complete(site)


def test_a_killed_import_goes_on_where_it_was(site, gate, mlruns):
    process = start(site, gate, mlruns)
    begun(process)
    process.kill()
    process.communicate()
    sent = json.loads(journal()[0].read_text())["sent"]
    assert 0 < sent < POINTS
    out, err = start(site, gate, mlruns).communicate(timeout=120)
    row = json.loads(out)[0]
    assert row["already_there"] >= sent
    assert row["stored"] == POINTS + 4, err
    complete(site)
