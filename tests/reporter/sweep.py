"""The training script under test: a six-job sweep with failures, plain public API.

Waits for lines on standard input at the points where the test wants to do something.
"""

import sys
import time

from argus import Reporter


def pause(word: str) -> None:
    print(word, flush=True)
    sys.stdin.readline()


def main() -> None:
    with Reporter("sweep", source_project="proj", experiment_type="forecast", n_total=6,
                  stop_polling=0.2, resource_snapshot=0.5) as batch:
        print(batch.batch_id, flush=True)
        for number in range(6):
            try:
                with batch.job(f"job-{number}", model="patchtst", dataset="etth1") as job:
                    for epoch in range(25):
                        job.epoch(epoch, train_loss=1 / (epoch + 1), val_loss=1.1 / (epoch + 1), lr=1e-3)
                    job.log(f"job {number} speaking")
                    if number == 2:
                        pause("middle")
                    if number == 4:
                        raise ValueError("bad learning rate")
                    job.metrics({"MSE": 0.1 * (number + 1)})
            except ValueError:
                pass
        pause("end")
        while "stop" in sys.argv and not batch.stopped:
            time.sleep(0.05)


if __name__ == "__main__":
    main()
