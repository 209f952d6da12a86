"""Prints the "never hurts training" tables: what a training script pays for being reported.

    python torture.py [--runs 5] [--steps 2000]

One script for every tracker: a loop of 1 ms steps that reports an epoch at each, with the server
there, gone at the start, gone in the middle, hanging, answering 500. A row needs its tracker's
package in this Python, or in the one that ARGUS_ORIGINAL_PYTHON names for argus-reporter 0.1.3;
others are left out and named below the table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Lab, Server
from gate import Gate

LOOP = """
import json, os, statistics, sys, time
steps, tracker = int(sys.argv[1]), sys.argv[2]
began = time.perf_counter()
{begin}
started = time.perf_counter() - began
calls, wall = [], time.perf_counter()
for step in range(steps):
    until = time.perf_counter() + 0.001
    while time.perf_counter() < until:
        pass
    if step == steps // 3:
        print("third", flush=True); sys.stdin.readline()
        pause = time.perf_counter() - until
        wall += max(0, pause)
    a = time.perf_counter()
    {log}
    calls.append(time.perf_counter() - a)
loop = time.perf_counter() - wall
began = time.perf_counter()
{end}
ended = time.perf_counter() - began
calls.sort()
print(json.dumps(dict(start=started, p50=calls[len(calls) // 2] * 1e6, p99=calls[int(len(calls) * .99)] * 1e6,
                      slowest=calls[-1] * 1e3, end=ended, share=sum(calls) / loop * 100)), flush=True)
"""
ARGUS = dict(
    begin="import argus\nbatch = argus.Reporter('torture'); batch.__enter__()\njob = batch.job('j'); job.__enter__()\nprint(batch.batch_id, flush=True)",
    log="job.epoch(step, train_loss=0.5, val_loss=0.4, lr=1e-3, acc=0.9)",
    end="job.__exit__(None, None, None); batch.__exit__(None, None, None)",
)
TRACKERS = {
    "nothing": dict(begin="print('-', flush=True)", log="pass", end="pass"),
    "argus-reporter (this)": ARGUS,
    "argus-reporter 0.1.3": ARGUS,
    "trackio": dict(
        begin="import trackio\nrun = trackio.init(project='torture'); print('-', flush=True)",
        log="trackio.log(dict(train_loss=0.5, val_loss=0.4, lr=1e-3, acc=0.9))",
        end="trackio.finish()",
    ),
    "wandb offline": dict(
        begin="import os; os.environ.update(WANDB_MODE='offline', WANDB_SILENT='true')\nimport wandb\nrun = wandb.init(project='torture'); print('-', flush=True)",
        log="run.log(dict(train_loss=0.5, val_loss=0.4, lr=1e-3, acc=0.9))",
        end="run.finish()",
    ),
    "mlflow": dict(
        begin="import os, mlflow\nmlflow.set_tracking_uri(os.environ['ARGUS_URL'])\nprint('-', flush=True)\ntry:\n    mlflow.start_run()\nexcept Exception as error:\n    print(json.dumps(dict(gave_up=str(error)[:60], start=time.perf_counter() - began)), flush=True); sys.exit()",
        log="mlflow.log_metrics(dict(train_loss=0.5, val_loss=0.4), step=step)",
        end="mlflow.end_run()",
    ),
}
PACKAGES = {"trackio": "trackio", "wandb offline": "wandb", "mlflow": "mlflow"}
WEATHER = {
    "server there": ("pass", "pass"),
    "down at start": ("refuse", "pass"),
    "down in the middle, for good": ("pass", "refuse"),
    "hangs": ("hang", "hang"),
    "answers 500": ("500", "500"),
}


def python_of(tracker):
    if tracker == "argus-reporter 0.1.3":
        root = Path(__file__).resolve().parents[3]
        python = os.environ.get("ARGUS_ORIGINAL_PYTHON", str(root / ".venv/bin/python"))
        return python if Path(python).exists() else None
    package = PACKAGES.get(tracker)
    if package:
        found = subprocess.run([sys.executable, "-c", f"import {package}"], capture_output=True)
        return sys.executable if found.returncode == 0 else None
    return sys.executable


def one(lab, tracker, python, weather, steps, limit):
    """One run; what it says of itself, and what arrived."""
    first, then = WEATHER[weather]
    lab.gate.mode = first
    script = LOOP.format(**TRACKERS[tracker])
    process = subprocess.Popen(
        [python, "-c", script, str(steps), tracker], env=lab.env, cwd=lab.folder,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    watch = time.monotonic()
    said = []
    try:
        batch = process.stdout.readline().strip()
        line = process.stdout.readline().strip()
        if line == "third":
            lab.gate.mode = then
            out, _ = process.communicate("\n", timeout=limit)
            line = out.strip().splitlines()[-1] if out.strip() else "{}"
        said = json.loads(line)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        process.kill()
        said = {"gave_up": f"killed after {time.monotonic() - watch:.0f} s"}
    process.stdin.close()
    process.wait()
    lab.gate.mode = "pass"
    return batch, said


def arrived(lab, tracker, batch, steps):
    """Epochs on the server once the next run has started."""
    if not tracker.startswith("argus"):
        return "-"
    if tracker == "argus-reporter (this)":
        lab.replay()
    else:
        replay = "from argus import Reporter\nwith Reporter('replay', heartbeat=False, resource_snapshot=False, stop_polling=False): pass"
        lab.run(replay, python=python_of(tracker))
    status, points = lab.server.call("GET", f"/api/jobs/{batch}/j/epochs", bearer=lab.session)
    count = len({p["epoch"] for p in points}) if status == 200 else 0
    return f"{count}/{steps}"


def imports(python, package, runs):
    script = f"import time; a = time.perf_counter(); import {package}; print((time.perf_counter() - a) * 1e3)"
    times = [float(subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout) for _ in range(runs)]
    return min(times)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=5, help="runs of which the fastest import counts")
    options.add_argument("--steps", type=int, default=2000, help="steps of 1 ms")
    options.add_argument("--limit", type=float, default=400, help="seconds after which a run is killed")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        server.start()
        session, token = server.account("alice")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; a loop of {given.steps} steps of 1 ms\n")
        print("| tracker | server | start s | log p50 µs | log p99 µs | slowest ms | of the loop's time | end s | arrived |")
        print("|---|---|---|---|---|---|---|---|---|")
        missing = []
        for number, tracker in enumerate(TRACKERS):
            python = python_of(tracker)
            if python is None:
                missing.append(tracker)
                continue
            for weather in WEATHER if number else ["server there"]:
                home = Path(folder) / f"{number}-{len(weather)}-{weather[:3]}"
                home.mkdir()
                gate = Gate(server.port)
                lab = Lab(home, server, gate, session, token)
                batch, said = one(lab, tracker, python, weather, given.steps, given.limit)
                if "gave_up" in said:
                    print(f"| {tracker} | {weather} | {said.get('start', 0):.1f} | gave up: {said['gave_up']} | | | | | |")
                    continue
                there = arrived(lab, tracker, batch, given.steps)
                gate.close()
                print(f"| {tracker} | {weather} | {said['start']:.2f} | {said['p50']:.1f} | {said['p99']:.1f} | {said['slowest']:.1f} | {said['share']:.2f} % | {said['end']:.2f} | {there} |", flush=True)
        print()
        for tracker in ("argus-reporter (this)", "argus-reporter 0.1.3"):
            if python := python_of(tracker):
                print(f"import of {tracker}: {imports(python, 'argus', given.runs):.1f} ms")
        if missing:
            print(f"not installed here: {', '.join(missing)}")
        server.stop()


if __name__ == "__main__":
    main()
