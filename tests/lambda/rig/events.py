"""Events as a reporter posts them."""

import uuid
from datetime import UTC, datetime


def event(kind: str, batch: str, job: str | None = None, **data) -> dict:
    return {
        "schema_version": "1.1",
        "event_id": str(uuid.uuid4()),
        "event_type": kind,
        "timestamp": datetime.now(UTC).isoformat(),
        "batch_id": batch,
        "job_id": job,
        "source": {"project": "lambda-tests", "host": "loopback", "user": "tester"},
        "data": data,
    }


def epoch(batch: str, job: str, number: int) -> dict:
    return event(
        "job_epoch", batch, job, epoch=number, train_loss=1 / (number + 1), val_loss=2 / (number + 1), lr=0.001
    )
