"""What scripts see."""

import inspect
import json
import os
import subprocess
import sys
import time

import argus
import pytest


def test_the_public_names_are_those_of_the_seed():
    for name in ("Reporter", "JobContext", "derive_batch_id", "emit", "new_batch_id", "set_batch_id",
                 "get_batch_id", "sub_env", "ExperimentReporter", "SCHEMA_VERSION"):
        assert hasattr(argus, name), name
    assert argus.SCHEMA_VERSION == "1.1"
    expected = ["self", "batch_prefix", "experiment_type", "source_project", "command", "n_total",
                "heartbeat", "stop_polling", "resource_snapshot", "monitor_url", "token",
                "auto_upload_dirs", "batch_id", "resume_from", "capture_console"]
    assert list(inspect.signature(argus.Reporter.__init__).parameters) == expected
    epoch = list(inspect.signature(argus.JobContext.epoch).parameters)
    assert epoch == ["self", "epoch", "train_loss", "val_loss", "lr", "batch_time_ms", "extra"]


def test_ids_and_templates(monkeypatch):
    assert argus.derive_batch_id("my-bench", "dam_forecast", "abc123") == "bench-80b6895091c4cc98"
    assert argus.derive_batch_id("项目", "exp-1", "") == "bench-ca583084cfc7093b"
    prefix, digits = argus.new_batch_id("x").rsplit("-", 1)
    assert (prefix, len(digits)) == ("x", 12) and int(digits, 16) >= 0
    monkeypatch.setenv("X", "val")
    monkeypatch.delenv("NOPE", raising=False)
    cases = {"${X}/a": "val/a", "$X-b": "val-b", "${NOPE}": "${NOPE}", "$NOPE": "$NOPE", "$": "$",
             "$$X": "$val", "${X": "${X", "a$1b": "a$1b"}
    assert {text: argus.sub_env(text) for text in cases} == cases
    assert argus.sub_env("$X", X=3) == "3" and argus.sub_env(5) == 5


def test_a_run_with_everything_that_is_no_plain_number(lab):
    out = lab.run(
        """
        import argus, datetime, pathlib
        class Scalar:
            def item(self): return 0.25
        class Broken:
            def __str__(self): raise RuntimeError("no words")
        with argus.Reporter("odd", {QUIET}) as batch:
            with batch.job("j", model=None) as job:
                job.epoch(0, train_loss=float("nan"), val_loss=float("inf"), lr=Scalar())
                job.epoch(1, train_loss=True, val_loss="0.5", path=pathlib.Path("/x"), none=None,
                          nested={"a": [1, (2, float("-inf"))], 3: "x"}, big=2**80, odd=Broken())
                job.epoch(2, train_loss="not a number")
                job.log("text with \\x00 and \\ud800 and a " + "x" * 100_000)
                job.metrics({"MSE": Scalar()})
        print(batch.batch_id)
        """
    )
    batch = out.split()[-1]
    # The third one is refused by the server, on its own.
    assert lab.epochs(batch) == [0, 1]
    refused = (lab.home / ".argus-reporter/refused.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"]["data"]["epoch"] for line in refused] == [2]
    assert "refuses 1 events" in lab.said
    jobs = lab.get(f"/api/batches/{batch}/jobs")
    assert jobs[0]["status"] == "done" and jobs[0]["metrics"] == {"MSE": 0.25}


def test_stop_reaches_the_script_without_a_poll(lab):
    script = lab.start(
        """
        import argus, time
        with argus.Reporter("stop", {QUIET}, stop_polling=False) as batch:
            print(batch.batch_id, flush=True)
            with batch.job("j") as job:
                epoch = 0
                while not job.stopped:
                    job.epoch(epoch)
                    epoch += 1
                    time.sleep(0.01)
        """
    )
    batch = script.stdout.readline().strip()
    path = f"/api/batches/{batch}"
    lab.server.until(path, lab.session, lambda shown: shown["status"] == "running")
    status, _ = lab.server.call("POST", f"{path}/stop", {}, lab.session)
    assert status == 200
    assert script.wait(timeout=30) == 0
    assert lab.get(path)["status"] == "stopped"
    assert [job["status"] for job in lab.get(f"{path}/jobs")] == ["stopped"]


ENDS = """
    import argus, sys, time
    batch = argus.Reporter("ends", {QUIET}, stop_polling=0.1)
    with batch:
        print(batch.batch_id, flush=True)
        with batch.job("first") as job:
            job.epoch(0)
        with batch.job("second") as job:
            sys.stdin.readline()
            how = sys.stdin.readline().strip()
            while how != "deaf" and not job.stopped:
                time.sleep(0.01)
            if how == "exit":
                sys.exit()
            assert how != "fails", "cannot save"
"""


@pytest.mark.parametrize(
    ("how", "batch_ends", "job_ends"),
    [("leaves", "stopped", "stopped"), ("exit", "stopped", "stopped"), ("deaf", "done", "done"), ("fails", "failed", "failed")],
)
def test_what_a_run_that_was_asked_to_stop_ends_as(lab, how, batch_ends, job_ends):
    """Stopped is who was told and left in order; who never looked came to its own end."""
    script = lab.start(ENDS)
    path = f"/api/batches/{script.stdout.readline().strip()}"
    lab.server.until(f"{path}/jobs", lab.session, lambda jobs: len(jobs) == 2)
    assert lab.server.call("POST", f"{path}/stop", {"reason": "enough"}, lab.session)[0] == 200
    script.communicate(f"\n{how}\n", timeout=60)
    batch = lab.server.until(path, lab.session, lambda shown: shown["status"] != "stopping")
    assert (batch["status"], batch["stop_reason"]) == (batch_ends, "enough")
    jobs = {job["id"]: job["status"] for job in lab.get(f"{path}/jobs")}
    assert jobs == {"first": "done", "second": job_ends}
    assert batch["n_done"] == (2 if job_ends == "done" else 1)


def test_the_original_reporter_ends_a_stopped_run_as_it_always_did(lab, original):
    batch = lab.start(ENDS, python=original)
    path = f"/api/batches/{batch.stdout.readline().strip()}"
    lab.server.until(f"{path}/jobs", lab.session, lambda jobs: len(jobs) == 2)
    assert lab.server.call("POST", f"{path}/stop", {}, lab.session)[0] == 200
    batch.communicate("\nleaves\n", timeout=60)
    assert lab.get(path)["status"] == "done"


def test_switches(lab):
    script = """
        import argus, os, threading
        with argus.Reporter("off", source_project="p") as batch:
            with batch.job("j") as job:
                job.epoch(0)
                job.upload(".")
        print(batch.batch_id, threading.active_count(), len(os.listdir("/proc/self/task")))
    """
    for env in ({"ARGUS_DISABLE": "1"}, {"ARGUS_MODE": "disabled"}, {"RANK": "1"}, {"SLURM_PROCID": "2", "SLURM_NTASKS": "4"}):
        batch, _, tasks = lab.run(script, **env).split()
        assert tasks == "1", env
        status, _ = lab.server.call("GET", f"/api/batches/{batch}", bearer=lab.session)
        assert status == 404, env
    assert lab.spooled() == 0
    batch = lab.run(script, ARGUS_MODE="offline").split()[0]
    assert lab.spooled() > 0
    lab.replay()
    status, _ = lab.server.call("GET", f"/api/batches/{batch}", bearer=lab.session)
    assert status == 404, "offline events wait for argus sync"
    for env in ({"RANK": "0"}, {"RANK": "1", "ARGUS_ALL_RANKS": "1"}):
        batch = lab.run(script, **env).split()[0]
        assert lab.get(f"/api/batches/{batch}")["status"] == "done"


def test_the_agent_names_the_first_batch(lab):
    out = lab.run(
        """
        import argus
        ids = [argus.Reporter("x", {QUIET}).batch_id for _ in range(2)]
        ids.append(argus.Reporter("x", {QUIET}, resume_from="mine-1").batch_id)
        print(*ids)
        """,
        ARGUS_BATCH_ID="given-1",
    ).split()
    assert out[0] == "given-1" and out[1].startswith("x-") and out[2] == "mine-1"


def test_spill_files_of_the_original_are_brought(lab):
    folder = lab.home / ".argus-reporter"
    folder.mkdir()
    def event(number, loss="0.5"):
        return (f'{{"event_id": "old-event-{lab.token[-6:]}-{number}", "schema_version": "1.1", "event_type": "job_epoch", '
                f'"timestamp": "2026-11-20T10:00:00Z", "batch_id": "spilled-{lab.token[-6:].lower()}", "job_id": "j", '
                f'"source": {{"project": "p"}}, "data": {{"epoch": {number}, "train_loss": {loss}}}}}\n')
    (folder / "spill-1-1.jsonl").write_text("".join(event(n) for n in range(1200)) + event(1200, "NaN"))
    lab.replay()
    batch = f"spilled-{lab.token[-6:].lower()}"
    assert sorted(lab.epochs(batch)) == list(range(1201))
    assert [f.name for f in folder.iterdir() if f.is_file()] == []


def test_uploads_follow_the_events(lab):
    (lab.folder / "plots").mkdir()
    for name in ("a.png", "b.PDF", "c.txt"):
        (lab.folder / "plots" / name).write_bytes(b"x")
    out = lab.run(
        """
        import argus
        with argus.Reporter("files", {QUIET}, auto_upload_dirs=["plots"]) as batch:
            with batch.job("j") as job:
                print(batch.batch_id, job.upload("plots", glob="*"), job.upload("plots"), job.upload("nowhere"))
        """
    )
    batch, some, pictures, none = out.split()
    assert (some, pictures, none) == ("2", "1", "0")


def test_the_console_is_captured_with_its_children(lab):
    out = lab.run(
        """
        import argus, os, subprocess, sys, time
        with argus.Reporter("console", {QUIET}, capture_console=True) as batch:
            with batch.job("j"):
                print("from python")
                os.system("echo from a child; echo to stderr >&2")
                for step in range(101):
                    sys.stderr.write(f"\\rtrain {step}%")
                    sys.stderr.flush()
                sys.stderr.write("\\n")
        print("after")
        print(batch.batch_id)
        """
    )
    # Everything still went where it went before.
    assert "from python" in out and "from a child" in out and "after" in out
    assert "to stderr" in lab.said and "train 100%" in lab.said
    lines = lab.lines(out.split()[-1])
    assert sorted(lines) == ["from a child", "from python", "to stderr", "train 100%"]


def test_an_exception_is_told_with_its_traceback(lab):
    out = lab.run(
        """
        import argus
        def deep(): raise ValueError("boom")
        batch = argus.Reporter("fails", {QUIET})
        try:
            with batch, batch.job("j"):
                deep()
        except ValueError:
            print(batch.batch_id)
        """
    )
    batch = out.split()[-1]
    job = lab.get(f"/api/batches/{batch}/jobs")[0]
    assert (job["status"], job["error"]) == ("failed", "ValueError: boom")
    assert "in deep" in json.dumps(job)


def test_imports_are_fast_and_take_nothing_along():
    script = "import sys, time; a = time.perf_counter(); import argus; print(time.perf_counter() - a, [m for m in ('logging', 'requests', 'json', 'typing', 'subprocess') if m in sys.modules])"
    took = []
    for _ in range(5):
        out = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}; {script}"], capture_output=True, text=True, check=True).stdout
        seconds, heavy = out.split(" ", 1)
        took.append(float(seconds))
        assert heavy.strip() == "[]", heavy
    assert min(took) < 0.2, took


def test_ctrl_c_reaches_the_main_thread_at_once(lab):
    script = lab.start(
        """
        import argus, signal, time
        # Whoever runs the tests in the background has it ignored, and children inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with argus.Reporter("signal", {QUIET}) as batch:
            print(batch.batch_id, flush=True)
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                print("interrupted", flush=True)
        """
    )
    script.stdout.readline()
    began = time.monotonic()
    os.kill(script.pid, 2)
    assert script.stdout.readline().strip() == "interrupted"
    assert time.monotonic() - began < 10
    assert script.wait(timeout=30) == 0


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the module has another name there")
def test_subinterpreters_may_report(lab):
    out = lab.run(
        """
        import _xxsubinterpreters as interpreters
        code = (
            "import argus; batch = argus.Reporter('inner', {QUIET}); batch.__enter__();"
            "job = batch.job('j'); job.__enter__(); job.epoch(0); job.__exit__(None, None, None);"
            "batch.__exit__(None, None, None); print(batch.batch_id, flush=True)"
        )
        for _ in range(2):
            inner = interpreters.create()
            interpreters.run_string(inner, code)
            interpreters.destroy(inner)
        """
    )
    for batch in out.split():
        assert lab.epochs(batch) == [0]
