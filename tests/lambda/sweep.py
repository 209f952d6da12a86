"""A training script as people write it, with the public SDK: sweep.py PROJECT

Says its batch's id, reports two jobs, then waits until somebody asks it to stop.
"""

import sys
import time

from argus import Reporter

with Reporter("sweep", source_project=sys.argv[1], experiment_type="forecast", n_total=2, stop_polling=0.5) as batch:
    print(batch.batch_id, flush=True)
    for number in range(2):
        with batch.job(f"job-{number}", model="patchtst", dataset="etth1") as job:
            for epoch in range(20):
                job.epoch(epoch, train_loss=1 / (epoch + 1), val_loss=1.1 / (epoch + 1), lr=1e-3)
            job.log(f"job {number} speaking")
            job.metrics({"MSE": 0.1 * (number + 1)})
    print("reported", flush=True)
    deadline = time.monotonic() + 60
    while not batch.stopped and time.monotonic() < deadline:
        time.sleep(0.1)
    print("stopped" if batch.stopped else "never asked to stop", flush=True)
