"""A stand-in for a training: PREFIX JOBS EPOCHS.

Reads how many epochs to go on with from standard input, one number per line, so that a test
decides when the curves grow.
"""

import math
import sys
from contextlib import ExitStack

from argus import Reporter


def main() -> None:
    prefix, jobs, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    command = " ".join(["python", "train.py", *sys.argv[1:]])
    with ExitStack() as stack:
        run = stack.enter_context(
            Reporter(prefix, experiment_type="sweep", source_project="demo", command=command, n_total=jobs)
        )
        contexts = [
            stack.enter_context(run.job(f"lr-{index}", model="demo-net", dataset="synthetic"))
            for index in range(jobs)
        ]
        epoch = 0
        for line in sys.stdin:
            for _ in range(int(line)):
                for index, job in enumerate(contexts):
                    loss = 0.2 + math.exp(-epoch / (8 + 3 * index))
                    job.epoch(epoch, train_loss=loss, val_loss=loss * 1.1, lr=1e-3, accuracy=1 - loss / 2)
                    job.log(f"epoch {epoch} finished")
                epoch += 1
            if epoch >= epochs:
                return


if __name__ == "__main__":
    main()
