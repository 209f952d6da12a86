"""What a type checker must accept of the package; checked with ``mypy --strict``, never run."""

from pathlib import Path

import argus


def train() -> None:
    with argus.Reporter(
        "sweep",
        experiment_type="forecast",
        source_project="demo",
        n_total=1,
        heartbeat=60.0,
        stop_polling=False,
        auto_upload_dirs=[Path("plots"), "figures"],
        resume_from=argus.derive_batch_id("demo", "one"),
    ) as batch:
        identity: str = batch.batch_id
        with batch.job("j", model="m") as job:
            job.epoch(0, train_loss=0.5, acc=1, name="x")
            job.metrics({"MSE": 0.5})
            job.log("hello", level="WARN")
            stopped: bool = job.stopped
            count: int = job.upload(Path("plot.png"), glob="*.png")
            print(identity, stopped, count)
        batch.emit("log_line", line="by hand")
    argus.emit("log_line", line="nobody listens")
    argus.set_batch_id(argus.new_batch_id())
    current: str | None = argus.get_batch_id()
    with argus.ExperimentReporter("http://127.0.0.1", "p", batch_id=current) as first:
        first.job_epoch("j", 0, train_loss=0.5, acc=0.1)
