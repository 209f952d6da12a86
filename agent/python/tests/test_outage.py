"""Whatever the server does, every event is there once, and the script never waits for it."""

import json
import time

import pytest

RUN = """
    import argus, json, sys, time
    def pause(word):
        print(word, flush=True)
        sys.stdin.readline()
    slowest = 0.0
    began = time.monotonic()
    batch = argus.Reporter("outage", {QUIET}, stop_polling=0.5)
    with batch:
        print(batch.batch_id, flush=True)
        with batch.job("j") as job:
            for epoch in range(3000):
                if epoch == 1000:
                    pause("middle")
                a = time.perf_counter()
                job.epoch(epoch, train_loss=0.5)
                slowest = max(slowest, time.perf_counter() - a)
        pause("end")
        left = time.monotonic()
    print(json.dumps({"slowest": slowest, "exit": time.monotonic() - left}), flush=True)
"""
TROUBLE = ["refuse", "hang", "500", "429", "reset"]


def go_on(script):
    script.stdin.write("\n")
    script.stdin.flush()


def expect(script, word):
    assert script.stdout.readline().strip() == word


def play(lab, start, middle, end):
    """One run with the gate in a mode at each of its three parts."""
    lab.gate.mode = start
    script = lab.start(RUN)
    batch = script.stdout.readline().strip()
    expect(script, "middle")
    lab.gate.mode = middle
    go_on(script)
    expect(script, "end")
    lab.gate.mode = end
    go_on(script)
    out, err = script.communicate(timeout=60)
    assert script.returncode == 0, err
    return batch, out, err


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("part", ["start", "middle", "end"])
def test_nothing_is_lost_and_nothing_waits(lab, trouble, part):
    modes = [trouble if name == part else "pass" for name in ("start", "middle", "end")]
    batch, out, err = play(lab, *modes)
    told = json.loads(out)
    # Generous: other processes compete for the machine's cores.
    assert told["slowest"] < 0.5, told
    assert told["exit"] < 6, told
    lab.gate.mode = "pass"
    lab.replay()
    assert lab.epochs(batch) == list(range(3000))
    shown = lab.get(f"/api/batches/{batch}")
    assert (shown["status"], shown["n_done"]) == ("done", 1)
    assert lab.spooled() == 0


def test_a_server_that_is_away_is_told_of_once(lab):
    _, _, err = play(lab, "refuse", "refuse", "refuse")
    assert err.count("cannot reach") == 1, err
    assert "Traceback" not in err


def test_a_refused_token_costs_nothing(lab):
    out = lab.run(
        """
        import argus
        with argus.Reporter("token", {QUIET}) as batch:
            with batch.job("j") as job:
                job.epoch(0)
        print(batch.batch_id)
        """,
        ARGUS_TOKEN="em_live_wrong",
    )
    assert "refuses the token" in lab.said
    lab.replay()
    assert lab.epochs(out.split()[-1]) == [0]


def test_a_full_disk_costs_nothing_while_the_server_is_there(lab):
    """/dev/full cannot be a folder; a file in the folder's place refuses every write."""
    (lab.home / ".argus-reporter").write_text("in the way")
    batch, _, err = play(lab, "pass", "refuse", "pass")
    assert lab.epochs(batch) == list(range(3000))
    assert err.count("cannot write to") == 1


def test_a_disk_that_is_full_keeps_events_in_memory(lab):
    """A limit on the size of files ends writes in the middle of a line, as a full disk does."""
    limited = RUN.replace("import argus,", "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); import argus,", 1)
    lab.gate.mode = "refuse"
    script = lab.start(limited)
    batch = script.stdout.readline().strip()
    expect(script, "middle")
    go_on(script)
    expect(script, "end")
    lab.gate.mode = "pass"
    lab.server.until(f"/api/batches/{batch}", lab.session, lambda shown: shown["n_done"] == 1)
    go_on(script)
    _, err = script.communicate(timeout=60)
    assert script.returncode == 0, err
    assert lab.epochs(batch) == list(range(3000))
    assert err.count("cannot write to") == 1, err


def test_one_event_the_server_cannot_take_is_alone(lab):
    out = lab.run(
        """
        import argus
        with argus.Reporter("poison", {QUIET}) as batch:
            with batch.job("j") as job:
                for epoch in range(700):
                    job.epoch(epoch)
                batch.emit("log_line", job_id="x" * 300, line="the job's id is too long")
                for epoch in range(700, 1400):
                    job.epoch(epoch)
        print(batch.batch_id)
        """
    )
    assert lab.epochs(out.split()[-1]) == list(range(1400))
    assert (lab.home / ".argus-reporter/refused.jsonl").read_text().count("\n") == 1


def test_a_restart_of_the_server_is_not_noticed(lab):
    script = lab.start(RUN)
    batch = script.stdout.readline().strip()
    expect(script, "middle")
    lab.server.kill()
    go_on(script)
    expect(script, "end")
    lab.server.start()
    lab.server.until(f"/api/batches/{batch}", lab.session, lambda shown: shown["n_done"] == 1)
    go_on(script)
    assert script.wait(timeout=30) == 0
    assert lab.epochs(batch) == list(range(3000))


def test_a_deadline_is_kept_at_the_end(lab):
    lab.gate.mode = "hang"
    script = lab.start(RUN)
    script.stdout.readline()
    for word in ("middle", "end"):
        expect(script, word)
        began = time.monotonic()
        go_on(script)
    assert script.wait(timeout=30) == 0
    assert time.monotonic() - began < 8
