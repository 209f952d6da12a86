"""Prints the "never hurts training" tables: what a training script pays for being reported.

    python torture.py [--runs 5] [--steps 2000] [--limit 120]

One script for every tracker: a loop of 1 ms steps that reports an epoch at each, with the server
there, gone at the start, gone in the middle, hanging, answering 500. ARGUS_ORIGINAL_PYTHON names a
Python with argus-reporter 0.1.3, ARGUS_RIVALS_PYTHON one with the packages of
requirements-rivals.txt; what is not there is left out and named below the table. MLflow has a
server of its own behind the gate; there is none for wandb, so its online rows are those without one.
"""

import argparse
import contextlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
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
SCALARS = "dict(train_loss=0.5, val_loss=0.4, lr=1e-3, acc=0.9)"
# What cannot begin without its server says so, and how long it took to find out.
RIVAL = """print('-', flush=True)
try:
    {begin}
except BaseException as error:
    print(json.dumps(dict(gave_up=type(error).__name__, start=time.perf_counter() - began)), flush=True)
    os._exit(0)"""


def rival(package, begin, log, end, env=None, weather=None):
    """A tracker of others: its package, its calls, its environment, and the weather that concerns it."""
    return dict(package=package, begin=RIVAL.format(begin=begin), log=log, end=end, env=env or {}, weather=weather)


WANDB = "import wandb; run = wandb.init(project='torture')"
AWAY = ["down at start", "hangs", "answers 500"]
TRACKERS = {
    "nothing": dict(begin="print('-', flush=True)", log="pass", end="pass", weather=["server there"]),
    "argus-reporter (this)": ARGUS,
    "argus-reporter 0.1.3": ARGUS,
    "wandb offline": rival(
        "wandb", WANDB, f"run.log({SCALARS})", "run.finish()",
        {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}, ["down at start"],
    ),
    "wandb online": rival(
        "wandb", WANDB, f"run.log({SCALARS})", "run.finish()",
        {"WANDB_MODE": "online", "WANDB_SILENT": "true", "WANDB_API_KEY": "0" * 40}, AWAY,
    ),
    "mlflow": rival(
        "mlflow", "import mlflow; mlflow.set_tracking_uri(os.environ['ARGUS_URL']); mlflow.start_run()",
        f"mlflow.log_metrics({SCALARS}, step=step)", "mlflow.end_run()",
    ),
    "trackio (local)": rival(
        "trackio", "import trackio; trackio.init(project='torture', embed=False)",
        f"trackio.log({SCALARS})", "trackio.finish()", weather=["down at start"],
    ),
}
WEATHER = {
    "server there": ("pass", "pass"),
    "down at start": ("refuse", "pass"),
    "down in the middle, for good": ("pass", "refuse"),
    "hangs": ("hang", "hang"),
    "answers 500": ("500", "500"),
}
ROOT = Path(__file__).resolve().parents[3]


def python_of(tracker):
    """The Python that has a tracker, if any has."""
    package = TRACKERS[tracker].get("package")
    if package:
        python = os.environ.get("ARGUS_RIVALS_PYTHON", str(ROOT / ".venv-rivals/bin/python"))
        found = Path(python).exists() and subprocess.run([python, "-c", f"import {package}"], capture_output=True)
        return python if found and found.returncode == 0 else None
    if tracker == "argus-reporter 0.1.3":
        python = os.environ.get("ARGUS_ORIGINAL_PYTHON", str(ROOT / ".venv/bin/python"))
        return python if Path(python).exists() else None
    return sys.executable


class Mlflow:
    """A tracking server, as people run one for themselves."""

    def __init__(self, folder, python):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [python, "-m", "mlflow", "server", "--port", str(self.port), "--workers", "1",
                   "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/mlflow"]
        log = open(folder / "mlflow.log", "wb")
        # Its workers are its children: they end with the group.
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, (folder / "mlflow.log").read_text()
                time.sleep(0.2)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def one(lab, tracker, python, weather, steps, limit):
    """One run; what it says of itself, and what arrived."""
    first, then = WEATHER[weather]
    lab.gate.mode = first
    wanted = TRACKERS[tracker]
    script = LOOP.format(**wanted)
    env = lab.env | {"WANDB_BASE_URL": lab.gate.url} | wanted.get("env", {})
    process = subprocess.Popen(
        [python, "-c", script, str(steps), tracker], env=env, cwd=lab.folder, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )
    # Whatever it started ends with it.
    killer = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
    killer.start()
    watch = time.monotonic()
    said = []
    batch = process.stdout.readline().strip()
    line = process.stdout.readline().strip()
    if line == "third":
        lab.gate.mode = then
        out, _ = process.communicate("\n")
        line = out.strip().splitlines()[-1] if out.strip() else ""
    process.stdin.close()
    process.wait()
    killer.cancel()
    try:
        said = json.loads(line)
    except json.JSONDecodeError:
        said = {"gave_up": f"still at it, killed after {time.monotonic() - watch:.0f} s"}
    lab.gate.mode = "pass"
    return batch, said


def arrived(lab, tracker, batch, steps):
    """Epochs on the server once the next run has started."""
    if not tracker.startswith("argus"):
        return ""
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
    options.add_argument("--limit", type=float, default=120, help="seconds after which a run is killed")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, contextlib.ExitStack() as ends:
        table(given, Path(folder), ends)


def table(given, folder, ends):
    server = Server(folder / "data")
    server.start()
    ends.callback(server.stop)
    session, token = server.account("alice")
    print(f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f}; "
          f"Python {platform.python_version()}; a loop of {given.steps} steps of 1 ms; killed after {given.limit:.0f} s\n")
    print("| tracker | server | start s | log p50 µs | log p99 µs | slowest ms | of the loop's time | end s | arrived |")
    print("|---|---|---|---|---|---|---|---|---|")
    missing = []
    for number, (tracker, wanted) in enumerate(TRACKERS.items()):
        python = python_of(tracker)
        if python is None:
            missing.append(tracker)
            continue
        port = server.port
        if tracker == "mlflow":
            own = Mlflow(folder, python)
            ends.callback(own.stop)
            port = own.port
        for place, weather in enumerate(wanted.get("weather") or WEATHER):
            home = folder / f"{number}-{place}"
            home.mkdir()
            gate = Gate(port)
            lab = Lab(home, server, gate, session, token)
            batch, said = one(lab, tracker, python, weather, given.steps, given.limit)
            print(row(lab, tracker, weather, batch, said, given.steps), flush=True)
            gate.close()
    print()
    for tracker in ("argus-reporter (this)", "argus-reporter 0.1.3"):
        if python := python_of(tracker):
            print(f"import of {tracker}: {imports(python, 'argus', given.runs):.1f} ms")
    if missing:
        print(f"not installed here: {', '.join(missing)}")


def row(lab, tracker, weather, batch, said, steps):
    if "gave_up" in said:
        began = f"{said['start']:.1f}" if "start" in said else ""
        return f"| {tracker} | {weather} | {began} | gave up: {said['gave_up']} | | | | | |"
    there = arrived(lab, tracker, batch, steps)
    numbers = [f"{said[name]:.{digits}f}" for name, digits in (("start", 2), ("p50", 1), ("p99", 1), ("slowest", 1))]
    return f"| {tracker} | {weather} | {' | '.join(numbers)} | {said['share']:.2f} % | {said['end']:.2f} | {there} |"


if __name__ == "__main__":
    main()
