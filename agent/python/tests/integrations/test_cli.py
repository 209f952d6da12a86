"""The `argus` command as people use it: its binary against the real server."""

import json
import os
import signal
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

# The console script of the wheel that is tested, or a binary under development.
_SCRIPT = Path(sys.executable).with_name("argus")
BINARY = os.environ.get("ARGUS_CLI_BIN") or (str(_SCRIPT) if _SCRIPT.exists() else None)
FIXTURES = Path(__file__).parents[3] / "cli" / "fixtures"


@pytest.fixture
def argus(site, tmp_path):
    """Runs the command; `argus.json` reads its answer, `argus.start` leaves it running."""
    if BINARY is None:
        pytest.fail("no argus command: install the wheel, or name the binary in ARGUS_CLI_BIN")

    def run(*arguments, stdin=None, **environment):
        env = {k: v for k, v in (os.environ | environment).items() if v is not None}
        return subprocess.run(
            [BINARY, *arguments], capture_output=True, text=True, timeout=120, env=env, cwd=tmp_path, input=stdin or ""
        )

    def read(*arguments, **environment):
        ran = run("--json", *arguments, **environment)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def start(*arguments):
        return subprocess.Popen(
            [BINARY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            cwd=tmp_path,
        )

    run.json, run.start = read, start
    return run


def test_a_command_becomes_a_run_with_its_console_and_exit_code(site, argus):
    script = "import sys; print('hello'); print('3%\\r50%\\r100%'); print('oh', file=sys.stderr)"
    ran = argus("run", "--project", site.project, "--name", "first", "--tag", "t", "--", sys.executable, "-c", script)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "hello"
    batch = site.batch()
    assert (batch["status"], batch["name"], batch["tags"]) == ("done", "first", ["t"])
    assert batch["env_snapshot"]["argv"][0] == sys.executable
    lines = argus("--json", "tail", batch["id"])
    texts = [json.loads(line)["line"] for line in lines.stdout.splitlines()]
    assert sorted(texts) == ["100%", "hello", "oh"]


def test_the_exit_code_of_the_command_is_ours(site, argus):
    ran = argus("run", "--project", site.project, "--", sys.executable, "-c", "raise ValueError('no data')")
    assert ran.returncode == 1
    batch = site.batch()
    assert batch["status"] == "failed"
    assert batch["error"] == "ValueError: no data (exit code 1)"
    assert site.jobs()["main"]["status"] == "failed"


def test_a_command_that_cannot_be_run(site, argus):
    ran = argus("run", "--project", site.project, "--", "no-such-command")
    assert ran.returncode == 127
    assert "command not found" in site.batch()["error"]


def test_signals_reach_the_command(site, argus):
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGUSR1, lambda *_: (print('saving', flush=True), sys.exit(7)))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = argus.start("run", "--project", site.project, "--", sys.executable, "-c", script)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGUSR1)
    assert process.stdout.readline() == "saving\n"
    assert process.wait(timeout=30) == 7
    assert "exit code 7" in site.batch()["error"]


def test_a_stop_on_the_server_ends_the_command(site, argus):
    script = "import time; print('ready', flush=True); time.sleep(120)"
    process = argus.start("run", "--project", site.project, "--grace", "5", "--", sys.executable, "-c", script)
    process.stdout.readline()
    path = f"/api/batches?project={site.project}"
    batch = site.server.until(path, site.session, lambda found: len(found) == 1)[0]["id"]
    assert argus("stop", batch, "--reason", "enough").returncode == 0
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    # As after a loop that saw the stop and left: the run is over, and nothing of it failed.
    ended = site.batch()
    assert (ended["status"], ended["stop_reason"], ended["n_failed"]) == ("stopped", "enough", 0)
    assert site.jobs()["main"]["status"] == "stopped"
    lines = site.get(f"/api/batches/{batch}/log-lines")
    assert "stopped on request (signal 15)" in [line["line"] for line in lines]


def test_without_a_server_the_run_is_kept_and_synced_later(site, argus):
    offline = {"ARGUS_URL": site.server.url, "ARGUS_MODE": "offline"}
    ran = argus("run", "--project", site.project, "--", "echo", "kept", **offline)
    assert (ran.returncode, ran.stdout) == (0, "kept\n")
    assert site.get(f"/api/batches?project={site.project}") == []
    waiting = argus.json("sync", "--dry-run")
    assert [row["state"] for row in waiting] == ["waits"]
    sent = argus.json("sync")
    assert sent[0]["stored"] >= 4
    assert site.batch()["status"] == "done"
    assert argus.json("sync") == []


def test_login_keeps_a_token_only_its_owner_can_read(site, argus, tmp_path):
    password = "correct-horse-7\n"
    here = {"ARGUS_TOKEN": None, "ARGUS_URL": None}
    ran = argus("login", "--url", site.server.url, "-u", "adapters", "--password-stdin", stdin=password, **here)
    assert ran.returncode == 0, ran.stderr
    kept = tmp_path / ".config" / "argus" / "credentials"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    who = argus.json("whoami", **here)
    assert (who["username"], who["access"]) == ("adapters", "read and report")
    assert argus("login", "--url", site.server.url, "-u", "adapters", "--password-stdin", stdin="x\n").returncode == 4
    assert argus("logout", **here).returncode == 2 or argus("logout", "--url", site.server.url, **here).returncode == 0
    assert argus("whoami", "--url", site.server.url, **here).returncode == 4


def test_faults_have_their_exit_code_and_a_hint(site, argus):
    nothing = argus("runs", ARGUS_URL=None)
    assert (nothing.returncode, "argus login --url" in nothing.stderr) == (2, True)
    assert argus("show", "no-such-run").returncode == 3
    wrong = argus("runs", ARGUS_TOKEN="em_live_" + "x" * 27)
    assert (wrong.returncode, "argus login" in wrong.stderr) == (4, True)
    assert argus("bogus").returncode == 2
    doctor = argus("doctor", ARGUS_URL="http://127.0.0.1:9")
    assert (doctor.returncode, "cannot be reached" in doctor.stdout) == (5, True)
    assert argus("doctor").returncode == 0


def test_reads(site, argus, tmp_path):
    ran = argus("run", "--project", site.project, "--", "echo", "x")
    assert ran.returncode == 0, ran.stderr
    batch = site.batch()["id"]
    runs = argus.json("runs", "--project", site.project, "--since", "1h")
    assert [run["id"] for run in runs] == [batch]
    table = argus("runs", "--project", site.project).stdout
    assert table.splitlines()[0].split() == ["ID", "NAME", "PROJECT", "STATUS", "JOBS", "HOST", "STARTED"]
    assert argus.json("show", batch)["jobs"][0]["id"] == "main"
    assert argus.json("show", batch, "main")["job"]["status"] == "done"
    assert argus("export", batch, "-o", "run.csv").returncode == 0
    assert "main" in (tmp_path / "run.csv").read_text()
    lines = argus("export", batch, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["batch", "job", "log_line"]
    followed = argus("tail", batch, "--follow")
    assert (followed.returncode, followed.stdout.split()[-1]) == (0, "x")
    assert "argus" in argus("completion", "bash").stdout


@pytest.mark.parametrize(
    ("tracker", "path", "jobs", "epochs"),
    [("tensorboard", "tensorboard", 3, 13), ("wandb", "wandb", 1, 7), ("mlflow", "mlruns", 1, 4), ("neptune", "neptune", 1, 4)],
)
def test_importing_twice_is_importing_once(site, argus, tracker, path, jobs, epochs):
    arguments = ("import", tracker, str(FIXTURES / path), "--project", site.project, "--tag", "old")
    would = argus.json(*arguments, "--dry-run")
    assert site.get(f"/api/batches?project={site.project}") == []
    first = argus.json(*arguments)
    assert len(first) == len(would)
    assert (first[0]["jobs"], first[0]["epochs"]) == (jobs, epochs)
    assert all(row["refused"] == 0 and row["already_there"] == 0 for row in first)
    again = argus.json(*arguments)
    assert all(row["already_there"] == row["events"] for row in again)
    # Without the journal the server itself knows every event.
    shutil.rmtree(Path(os.environ["HOME"]) / ".argus-reporter" / "imports")
    third = argus.json(*arguments)
    assert all(row["already_there"] == row["events"] for row in third)
    batches = site.get(f"/api/batches?project={site.project}")
    assert len(batches) == len(first)
    for batch in batches:
        assert batch["status"] in ("done", "failed")
        assert {"old", f"from:{tracker}"} <= set(batch["tags"])


def test_imported_numbers_are_those_of_the_files(site, argus):
    arguments = ("import", "wandb", str(FIXTURES / "wandb"), "--project", site.project)
    argus.json(*arguments)
    batch = site.batch()
    assert (batch["name"], batch["notes"], batch["start_time"][:4]) == ("first try", "a note", "2026")
    epochs = site.epochs("main")
    assert [point["train_loss"] for point in epochs[:6]] == pytest.approx([1 / (n + 1) for n in range(6)])
    assert site.jobs()["main"]["metrics"]["best"] == 0.9
    lines = site.get(f"/api/batches/{batch['id']}/log-lines?order=asc")
    assert [line["line"] for line in lines] == ["epoch 0", "epoch 1"]


def test_a_rerun_without_an_agent_says_what_to_type_where(site, argus):
    argus("run", "--project", site.project, "--", "true")
    batch = site.batch()
    ran = argus("rerun", batch["id"], "--set", "lr=0.1")
    assert ran.returncode == 0, ran.stderr
    assert f"no agent of yours is registered on {batch['host']}" in ran.stderr
    assert "argus-agent login && argus-agent" in ran.stderr
    child = ran.stdout.split(":")[0]
    assert ran.stdout.startswith(f"{child}: requested; it waits for an agent until 20"), ran.stdout
    shown = site.get(f"/api/batches/{child}")
    assert (shown["status"], shown["source_batch_id"]) == ("requested", batch["id"])
    # A second wish is the first one's.
    again = argus.json("rerun", batch["id"])
    assert (again["batch_id"], again["deduped"], again["agent_online"]) == (child, True, None)
    assert argus("rerun", batch["id"], "--set", "nonsense").returncode == 2
    assert argus("rerun", "no-such-run").returncode == 3
    # Stopped before anybody launched it: withdrawn, and nothing to wait for.
    assert argus("stop", child).stdout.split()[1] in ("stopping", "cancelled")
    waited = argus("rerun", child, "--wait")
    assert waited.returncode == 1 and "cannot be run again" in waited.stderr


def test_one_version_for_all_that_says_one(argus):
    from importlib.metadata import version

    import argus as package

    said = argus("--version")
    assert (said.returncode, said.stdout.split()) == (0, ["argus", package.__version__])
    assert package.__version__ == version("argus-reporter")
