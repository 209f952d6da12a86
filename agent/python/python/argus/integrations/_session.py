"""What all adapters share: a batch that hooks open and close, and the jobs inside it.

Written against the public ``Reporter`` only. Jobs are told through ``Reporter.emit``, because frameworks begin and
end them in different hooks, not in one ``with`` block, and because their starts say more than model and dataset.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from argus import Reporter

# One for all sessions, so that they can be pickled. Frameworks may call from several threads.
_OPENING = threading.Lock()


def number(value: Any) -> float | None:
    """A Python, NumPy, torch or JAX scalar as ``float``; ``None`` for anything else."""
    if isinstance(value, bool):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        return float(value.item())
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return None


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """The scalars among ``values``."""
    found = ((str(name), number(value)) for name, value in values.items())
    return {name: value for name, value in found if value is not None}


def plain(value: Any, depth: int = 4) -> Any:
    """``value`` as JSON can say it: containers to a depth, scalars as they are, the rest as text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if depth > 0 and isinstance(value, Mapping):
        return {str(key): plain(inner, depth - 1) for key, inner in value.items()}
    if depth > 0 and isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner, depth - 1) for inner in value]
    scalar = number(value)
    return str(value)[:500] if scalar is None else scalar


def first_of(values: Mapping[str, float], names: Iterable[str]) -> float | None:
    """The first of ``names`` that ``values`` has."""
    return next((values[name] for name in names if name in values), None)


class Job:
    """A job whose beginning and end come from different hooks."""

    def __init__(self, reporter: Any, job_id: str) -> None:
        self.reporter = reporter
        self.job_id = job_id
        self.epochs = 0
        self.is_open = False
        self._began = time.monotonic()
        self._n_params: float | None = None

    def start(self, **facts: Any) -> None:
        """Tells that it begins, and what is known of it; ``None`` is left out. Again: tells more of it."""
        if not self.is_open:
            self._began = time.monotonic()
        self.is_open = True
        # The server looks for it among the final metrics.
        self._n_params = facts.get("n_params")
        self._emit("job_start", facts)

    def epoch(self, epoch: int, **values: Any) -> None:
        """One epoch (or step) with its scalars."""
        self.epochs = max(self.epochs, int(epoch) + 1)
        self._emit("job_epoch", {"epoch": int(epoch), **values})

    def log(self, line: str, level: str = "info") -> None:
        """A line of text."""
        self._emit("log_line", {"line": line, "level": level})

    def done(self, metrics: Mapping[str, Any] | None = None, *, status: str | None = None, **facts: Any) -> None:
        """Tells that it ended well or was stopped, with its final metrics. Only the first end counts."""
        if self.is_open:
            # A loop that was told to stop did not end by itself.
            status = status or ("STOPPED" if getattr(self.reporter, "_heeded", False) else "DONE")
            self.is_open = False
            facts.setdefault("elapsed_s", time.monotonic() - self._began)
            values = numbers(metrics or {})
            if self._n_params is not None:
                values["n_params"] = self._n_params
            self._emit("job_done", {"status": status, "metrics": values or None, "train_epochs": self.epochs or None, **facts})

    def failed(self, reason: str, **facts: Any) -> None:
        """Tells that it ended with an error. Only the first end counts."""
        if self.is_open:
            self.is_open = False
            facts.setdefault("elapsed_s", time.monotonic() - self._began)
            self._emit("job_failed", {"status": "FAILED", "reason": reason, **facts})

    def _emit(self, event: str, data: Mapping[str, Any]) -> None:
        known = {key: value for key, value in data.items() if value is not None}
        self.reporter.emit(event, job_id=self.job_id, **known)


class Session:
    """Base of the adapters: arguments, one batch, and its end.

    ``heartbeat``, ``stop_polling`` and ``resource_snapshot`` are seconds between two of them, ``True`` for the
    default of :class:`argus.Reporter`, ``False`` for none.
    """

    default_type = "training"

    def __init__(
        self,
        project: str | None = None,
        *,
        argus_url: str | None = None,
        token: str | None = None,
        experiment_type: str | None = None,
        batch_prefix: str | None = None,
        batch_id: str | None = None,
        heartbeat: bool | float = False,
        stop_polling: bool | float = True,
        resource_snapshot: bool | float = False,
        auto_upload_dirs: Iterable[str | Path] | None = None,
    ) -> None:
        self.project = project
        self.experiment_type = experiment_type or self.default_type
        self.reporter: Reporter | None = None
        self._arguments = {
            "monitor_url": argus_url,
            "token": token,
            "heartbeat": heartbeat,
            "stop_polling": stop_polling,
            "resource_snapshot": resource_snapshot,
            "auto_upload_dirs": auto_upload_dirs,
            "batch_prefix": batch_prefix or project or self.default_type,
        }
        if batch_id is not None:
            self._arguments["batch_id"] = batch_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}(project={self.project!r}, batch_id={self.batch_id!r})"

    @property
    def batch_id(self) -> str | None:
        """Id of the batch once it has begun."""
        return None if self.reporter is None else self.reporter.batch_id

    @property
    def stopped(self) -> bool:
        """Whether somebody asked this run to stop."""
        return self.reporter is not None and bool(self.reporter.stopped)

    def open_batch(self, n_total: int | None = None) -> Reporter:
        """Begins the batch; the running one when it has begun."""
        with _OPENING:
            if self.reporter is None:
                reporter = Reporter(
                    source_project=self.project,
                    experiment_type=self.experiment_type,
                    n_total=n_total,
                    **self._arguments,
                )
                self.reporter = reporter.__enter__()
            return self.reporter

    def close_batch(self, error: BaseException | None = None) -> None:
        """Ends the batch, as failed with ``error``; does nothing without one."""
        reporter, self.reporter = self.reporter, None
        if reporter is not None:
            kind = None if error is None else type(error)
            reporter.__exit__(kind, error, None if error is None else error.__traceback__)


class OneJob(Session):
    """An adapter for training that is one job of one batch.

    Frameworks without a hook for failures need ``with adapter: train(...)`` to tell a crash from an end.
    """

    def __init__(
        self,
        project: str | None = None,
        *,
        job_id: str = "main",
        model: str | None = None,
        dataset: str | None = None,
        **arguments: Any,
    ) -> None:
        Session.__init__(self, project, **arguments)
        self.job_id = job_id
        self.model_name = model
        self.dataset = dataset
        self.job: Job | None = None
        self._with = False

    def begin(self, **facts: Any) -> Job:
        """Begins batch and job unless they have begun."""
        if self.job is None:
            self.job = Job(self.open_batch(n_total=1), self.job_id)
            facts = {"model": self.model_name, "dataset": self.dataset} | facts
            self.job.start(**facts)
        return self.job

    def end(self, metrics: Mapping[str, Any] | None = None) -> None:
        """Ends job and batch well."""
        job, self.job = self.job, None
        if job is not None:
            job.done(metrics)
            self.close_batch()

    def report_failure(self, error: BaseException) -> None:
        """Ends job and batch as failed."""
        job, self.job = self.job, None
        if job is not None:
            job.failed(f"{type(error).__name__}: {error}")
            self.close_batch(error)

    def __enter__(self) -> Any:
        self._with = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._with = False
        if error is not None:
            self.report_failure(error)
        else:
            self.end()
