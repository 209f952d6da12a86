"""The same script, once with the original and once with ours, makes the same server state."""

SCRIPT = """
    import os, sys
    from argus import Reporter
    open("plot.png", "wb").write(b"png")
    try:
        with Reporter("same", experiment_type="forecast", source_project=os.environ["PROJECT"],
                      command="python train.py", n_total=3, {QUIET}, stop_polling=False) as batch:
            print(batch.batch_id, flush=True)
            for number in range(3):
                try:
                    with batch.job(f"job-{number}", model="patchtst", dataset="etth1") as job:
                        for epoch in range(30):
                            job.epoch(epoch, train_loss=1 / (epoch + 1), val_loss=1.1 / (epoch + 1),
                                      lr=1e-3, batch_time_ms=12.5, acc=epoch / 30)
                        job.log(f"job {number} speaking", level="WARN")
                        if number == 1:
                            raise ValueError("bad learning rate")
                        job.metrics({"MSE": 0.1 * (number + 1), "MAE": 1})
                except ValueError:
                    pass
            batch.emit("log_line", job_id="job-0", line="by hand", level="info")
            if "fail" in sys.argv or os.environ.get("FAIL"):
                raise KeyError("x")
    except KeyError:
        pass
"""
# Row ids, and times that are those of each run.
OWN = {
    "id", "batch_id", "db_id", "event_id", "start_time", "end_time", "created_at", "timestamp",
    "elapsed_s", "total_elapsed_s", "last_event_at", "elapsed", "received_at", "updated_at",
    "project", "slug", "eta", "tracking", "cost", "user", "duration_s",
}


def stripped(value):
    """What must be equal."""
    if isinstance(value, dict):
        return {k: stripped(v) for k, v in value.items() if k not in OWN and not k.endswith("_at")}
    if isinstance(value, list):
        return [stripped(item) for item in value]
    return value


def state(lab, batch):
    jobs = lab.get(f"/api/batches/{batch}/jobs")
    found = {
        "batch": stripped(lab.get(f"/api/batches/{batch}")),
        "jobs": [{"id": job["id"], **stripped(job)} for job in jobs],
        "lines": sorted((line["line"], line["level"]) for line in lab.get(f"/api/batches/{batch}/log-lines")),
        "epochs": {job["id"]: stripped(lab.get(f"/api/jobs/{batch}/{job['id']}/epochs")) for job in jobs},
    }
    for job in found["jobs"]:
        # Ours says where it failed as well.
        extra = job.get("extra") or {}
        extra.pop("traceback", None)
    return found


def test_both_reporters_leave_the_same_state(lab, original):
    for fail in (None, "1"):
        env = {"PROJECT": "same", "FAIL": fail}
        theirs = lab.run(SCRIPT, python=original, **env).split()[0]
        ours = lab.run(SCRIPT, **env).split()[0]
        assert len(ours) == len(theirs) and ours != theirs
        assert state(lab, ours) == state(lab, theirs)


def test_it_is_drop_in_for_the_first_class_too(lab, original):
    script = """
        import os
        from argus import ExperimentReporter
        with ExperimentReporter(os.environ["ARGUS_URL"], "legacy", os.environ["ARGUS_TOKEN"]) as r:
            batch = r.batch_start("forecast", 1, command="x", custom=1)
            print(batch, flush=True)
            r.job_start("j", model="m", dataset="d", optuna={"study_name": "s"})
            for epoch in range(5):
                r.job_epoch("j", epoch, train_loss=0.5, acc=0.1)
            r.log_line("j", "hello")
            r.job_done("j", metrics={"MSE": 1.0}, elapsed_s=2.0, train_epochs=5)
            r.batch_done(1)
    """
    theirs = lab.run(script, python=original).split()[0]
    ours = lab.run(script).split()[0]
    assert state(lab, ours) == state(lab, theirs)
