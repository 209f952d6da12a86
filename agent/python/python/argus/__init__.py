"""Reports ML training to an Argus server: nothing lost, nothing slowed down.

    from argus import Reporter             # ARGUS_URL and ARGUS_TOKEN come from the environment

    with Reporter("sweep", source_project="demo", n_total=1) as batch:
        with batch.job("patchtst", model="patchtst", dataset="etth1") as job:
            for epoch in range(100):
                job.epoch(epoch, train_loss=..., val_loss=...)
                if job.stopped:
                    break
            job.metrics({"MSE": 0.21})

No call blocks or raises because of the server, the network or the disk. Events are on disk within
100 ms (``~/.argus-reporter``) and on the server about a second later; what could not be sent is
sent by the next reporter on this host.
"""

from ._native import version as _version
from ._template import sub_env
from .context import (
    JobContext,
    Reporter,
    emit,
    get_batch_id,
    new_batch_id,
    set_batch_id,
)
from .identity import derive_batch_id
from .reporter import ExperimentReporter
from .schema import SCHEMA_VERSION

__version__: str = _version()

__all__ = [
    "SCHEMA_VERSION",
    "ExperimentReporter",
    "JobContext",
    "Reporter",
    "derive_batch_id",
    "emit",
    "get_batch_id",
    "new_batch_id",
    "set_batch_id",
    "sub_env",
]
