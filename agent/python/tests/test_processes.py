"""Kills, forks, spawned workers, ranks."""

import json
import os
import random
import time

KILLS = int(os.environ.get("ARGUS_KILL_RUNS", "5"))
# The documented interval after which an event is on disk, and room for a machine that is busy.
FLUSHED = 0.1 + float(os.environ.get("ARGUS_KILL_SLACK", "0.4"))

VICTIM = """
    import argus, sys, time
    with argus.Reporter("victim", {QUIET}, stop_polling=False) as batch:
        print(batch.batch_id, flush=True)
        with batch.job("j") as job:
            for epoch in range(10**9):
                job.epoch(epoch, train_loss=0.5)
                sys.stdout.write(f"{epoch} {time.monotonic()}\\n")
                sys.stdout.flush()
                time.sleep(0.002)
"""


def test_kill_at_any_moment_loses_nothing_that_was_on_disk(lab):
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    runs = []
    for number in range(KILLS):
        # Half of them while the server is away.
        lab.gate.mode = rng.choice(["pass", "refuse"])
        script = lab.start(VICTIM)
        batch = script.stdout.readline().strip()
        deadline = time.monotonic() + rng.uniform(0, 1.5) + FLUSHED
        calls = []
        for line in script.stdout:
            epoch, at = line.split()
            calls.append((int(epoch), float(at)))
            if time.monotonic() > deadline:
                break
        killed = time.monotonic()
        script.kill()
        script.wait()
        safe = [epoch for epoch, at in calls if at < killed - FLUSHED]
        runs.append((batch, safe))
    lab.gate.mode = "pass"
    lab.replay()
    for batch, safe in runs:
        there = lab.epochs(batch)
        assert len(there) == len(set(there)), f"seed {seed}: twice"
        missing = set(safe) - set(there)
        assert not missing, f"seed {seed}: {sorted(missing)[:5]} of {len(safe)} are missing"
        assert there == list(range(len(there)))
    assert lab.spooled() == 0


def test_a_forked_child_reports_and_ends_nothing(lab):
    out = lab.run(
        """
        import argus, os, threading
        with argus.Reporter("fork", {QUIET}) as batch:
            print(batch.batch_id, flush=True)
            with batch.job("parent") as job:
                job.epoch(0)
                children = []
                for number in range(3):
                    pid = os.fork()
                    if pid == 0:
                        with batch.job(f"child-{number}") as own:
                            for epoch in range(50):
                                own.epoch(epoch)
                        os._exit(0)
                    children.append(pid)
                for pid in children:
                    assert os.waitpid(pid, 0)[1] == 0
                job.epoch(1)
        """
    )
    batch = out.split()[0]
    lab.replay()
    assert lab.epochs(batch, "parent") == [0, 1]
    for number in range(3):
        assert lab.epochs(batch, f"child-{number}") == list(range(50))
    shown = lab.get(f"/api/batches/{batch}")
    assert shown["status"] == "done"
    assert lab.spooled() == 0


def test_a_child_that_leaves_by_an_exception_does_not_fail_the_batch(lab):
    out = lab.run(
        """
        import argus, os, sys
        batch = argus.Reporter("exit", {QUIET})
        with batch:
            pid = os.fork()
            if pid == 0:
                sys.exit(3)
            os.waitpid(pid, 0)
        print(batch.batch_id)
        """
    )
    assert lab.get(f"/api/batches/{out.split()[-1]}")["status"] == "done"


def test_pools_by_fork_and_by_spawn(lab):
    (lab.folder / "work.py").write_text(
        """
import argus, multiprocessing, os, sys

def trial(number):
    with argus.Reporter("pool", batch_id=os.environ["POOL"] + f"-{number}", heartbeat=False,
                        resource_snapshot=False) as batch:
        with batch.job("j") as job:
            for epoch in range(20):
                job.epoch(epoch)
    return os.getpid()

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        os.environ["POOL"] = os.environ["NAME"] + method
        with argus.Reporter("pool-parent", heartbeat=False, resource_snapshot=False) as parent:
            parent.emit("log_line", line="before", level="info")
            with multiprocessing.get_context(method).Pool(2) as pool:
                assert len(pool.map(trial, range(4))) == 4
"""
    )
    name = f"p{time.time_ns()}"
    run = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, 'work.py']))"
    lab.run(run, NAME=name)
    lab.replay()
    for method in ("fork", "spawn", "forkserver"):
        for number in range(4):
            assert lab.epochs(f"{name}{method}-{number}") == list(range(20))


def test_many_threads(lab):
    out = lab.run(
        """
        import argus, threading
        with argus.Reporter("threads", {QUIET}) as batch:
            def work(number):
                with batch.job(f"t{number}") as job:
                    for epoch in range(500):
                        job.epoch(epoch, train_loss=epoch)
            threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
            [t.start() for t in threads]
            [t.join() for t in threads]
        print(batch.batch_id)
        """
    )
    batch = out.split()[-1]
    lab.replay()
    for number in range(8):
        assert lab.epochs(batch, f"t{number}") == list(range(500))


def test_a_backlog_goes_up_as_one_file_and_memory_stays(lab):
    """100,000 events by default; the torture runs this with 1,000,000 through a minute."""
    count = int(os.environ.get("ARGUS_BACKLOG", "100000"))
    outage = float(os.environ.get("ARGUS_BACKLOG_OUTAGE", "3"))
    limit = 120 + count // 1000
    lab.gate.mode = "refuse"
    script = lab.start(
        f"""
        import argus, json, resource, sys, time
        batch = argus.Reporter("backlog", {{QUIET}})
        with batch:
            print(batch.batch_id, flush=True)
            with batch.job("j") as job:
                for epoch in range({count}):
                    job.epoch(epoch, train_loss=0.5, val_loss=0.25, lr=0.001)
            print("recorded", flush=True)
            sys.stdin.readline()
            assert batch._native.drain({limit})
        print(json.dumps({{"rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                          "stats": batch._native.stats()}}))
        """
    )
    began = time.monotonic()
    batch = script.stdout.readline().strip()
    assert script.stdout.readline().strip() == "recorded"
    while time.monotonic() - began < outage:
        time.sleep(0.1)
    lab.gate.mode = "pass"
    out, err = script.communicate("\n", timeout=limit + 60)
    assert script.returncode == 0, err
    told = json.loads(out.strip().splitlines()[-1])
    assert told["rss_mb"] < 250, told
    assert told["stats"][1:3] == [0, 0], told
    jobs = lab.get(f"/api/batches/{batch}/jobs")
    assert jobs[0]["status"] == "done"
    points = lab.get(f"/api/jobs/{batch}/j/epochs?max_points=100")
    assert points[-1]["epoch"] == count - 1
    tracked = lab.get(f"/api/batches/{batch}")
    print(json.dumps({"told": told, "batch": tracked.get("tracked") or tracked.get("tracking")}))
    if count <= 100_000:
        assert len(lab.epochs(batch)) == count
