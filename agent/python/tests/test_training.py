"""Processes as training makes them: workers that load data, ranks that train together.

With multiprocessing, not with torch: its wheel on the package index brings CUDA, some gigabytes. What a
DataLoader and torchrun do to a reporter is this: fork or start workers while it reports and end them by a
signal; start one process per rank with RANK, LOCAL_RANK and WORLD_SIZE.
"""

import time

import pytest

LOADER = """
import argus, multiprocessing, os, sys

def work(tasks, results):
    # As a worker of a DataLoader: knows the reporter from before the fork, and never speaks.
    while (task := tasks.get()) is not None:
        results.put((task, os.getpid()))

def main():
    context = multiprocessing.get_context(sys.argv[1])
    with argus.Reporter("loader", heartbeat=False, resource_snapshot=False) as batch:
        with batch.job("j") as job:
            job.epoch(0)
            for epoch in range(1, 4):
                tasks, results = context.Queue(), context.Queue()
                workers = [context.Process(target=work, args=(tasks, results), daemon=True) for _ in range(3)]
                [worker.start() for worker in workers]
                [tasks.put(number) for number in range(30)]
                assert len({results.get()[0] for _ in range(30)}) == 30
                job.epoch(epoch)
                # Not asked to leave: at the end of an epoch they are ended.
                [worker.terminate() for worker in workers]
                [worker.join() for worker in workers]
    print(batch.batch_id)

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_that_load_data_leave_the_batch_alone(lab, method):
    (lab.folder / "loader.py").write_text(LOADER)
    out = lab.run(f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, 'loader.py', '{method}']))")
    batch = out.split()[-1]
    assert lab.epochs(batch) == [0, 1, 2, 3]
    shown = lab.get(f"/api/batches/{batch}")
    assert (shown["status"], shown["n_done"], shown["n_failed"]) == ("done", 1, 0)
    assert lab.spooled() == 0


RANKS = """
import argus, os, subprocess, sys, time

def rank():
    number = os.environ["RANK"]
    with argus.Reporter("ddp", heartbeat=False, resource_snapshot=False, stop_polling=False) as batch:
        with batch.job(f"rank-{number}") as job:
            for epoch in range(20):
                job.epoch(epoch, train_loss=float(number))
        print(batch.batch_id, len(os.listdir("/proc/self/task")), flush=True)

if len(sys.argv) > 1:
    rank()
else:
    world = [subprocess.Popen([sys.executable, __file__, "rank"], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, RANK=str(n), LOCAL_RANK=str(n), WORLD_SIZE="4")) for n in range(4)]
    for process in world:
        print(process.communicate()[0].strip())
        assert process.returncode == 0
"""


def ranks(lab, **env):
    (lab.folder / "ranks.py").write_text(RANKS)
    out = lab.run("import subprocess, sys; sys.exit(subprocess.call([sys.executable, 'ranks.py']))", **env)
    return [line.split() for line in out.strip().splitlines()]


def test_of_many_ranks_only_the_first_reports(lab):
    said = ranks(lab)
    first, others = said[0][0], said[1:]
    assert [job["id"] for job in lab.get(f"/api/batches/{first}/jobs")] == ["rank-0"]
    assert lab.epochs(first, "rank-0") == list(range(20))
    for batch, threads in others:
        assert threads == "1", "no thread where nothing is reported"
        assert lab.server.call("GET", f"/api/batches/{batch}", bearer=lab.session)[0] == 404


def test_all_ranks_may_report_into_one_batch(lab):
    batch = f"ddp-{time.time_ns()}"
    said = ranks(lab, ARGUS_ALL_RANKS="1", ARGUS_BATCH_ID=batch)
    assert {name for name, _ in said} == {batch}
    lab.replay()
    jobs = {job["id"]: job["status"] for job in lab.get(f"/api/batches/{batch}/jobs")}
    assert jobs == {f"rank-{number}": "done" for number in range(4)}
    for number in range(4):
        assert lab.epochs(batch, f"rank-{number}") == list(range(20))
