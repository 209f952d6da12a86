"""Prints what one call costs, here and with argus-reporter 0.1.3, in the same run.

    python bench.py [--calls 20000]

No server is needed: what a call costs must not depend on one. ARGUS_ORIGINAL_PYTHON names a Python
that has 0.1.3.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = """
import sys, time
began = time.perf_counter()
import argus
loaded = (time.perf_counter() - began) * 1e3
calls, best = int(sys.argv[1]), None
with argus.Reporter("bench", heartbeat=False, resource_snapshot=False, stop_polling=False) as batch:
    with batch.job("j") as job:
        for _ in range(5):
            took = []
            for epoch in range(calls):
                a = time.perf_counter_ns()
                job.epoch(epoch, train_loss=0.5, val_loss=0.4, lr=1e-3, acc=0.9)
                took.append(time.perf_counter_ns() - a)
            took.sort()
            found = (took[calls // 2] / 1e3, took[int(calls * 0.99)] / 1e3)
            best = min(best or found, found)
print(loaded, *best)
"""


def measure(python: str, calls: int) -> "list[float]":
    """Import in ms, median and 99th percentile of a call in µs; the best of three processes."""
    runs = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as home:
            env = dict(os.environ, HOME=home, ARGUS_URL="http://127.0.0.1:9", ARGUS_TOKEN="em_live_x")
            command = [python, "-c", SCRIPT, str(calls)]
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
            runs.append([float(word) for word in done.stdout.split()])
    return [min(column) for column in zip(*runs)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--calls", type=int, default=20_000, help="calls of job.epoch per round")
    calls = options.parse_args().calls
    default = Path(__file__).resolve().parents[3] / ".venv/bin/python"
    original = os.environ.get("ARGUS_ORIGINAL_PYTHON", str(default))
    rows = {"argus-reporter (this)": sys.executable}
    if Path(original).exists():
        rows["argus-reporter 0.1.3"] = original
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| | import ms | job.epoch p50 µs | p99 µs |\n|---|---|---|---|")
    for name, python in rows.items():
        loaded, median, slow = measure(python, calls)
        print(f"| {name} | {loaded:.1f} | {median:.1f} | {slow:.1f} |")


if __name__ == "__main__":
    main()
