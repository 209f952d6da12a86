"""Batches and jobs as context managers."""

import atexit
import os
import sys
import time

from . import _native
from ._failure import left_in_order, reason_of, traceback_of
from ._say import say, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Any

_HEARTBEAT_S = 300.0
_STOP_POLL_S = 10.0
_RESOURCES_S = 30.0
_CLOSE_S = 3.0
_AT_EXIT_S = 2.0

_batch_id: "str | None" = None
_active: "Reporter | None" = None
_open: "set[Reporter]" = set()


def new_batch_id(prefix: str = "batch") -> str:
    """A fresh id, ``<prefix>-<12 hexadecimal digits>``."""
    return _native.new_batch_id(prefix)


def set_batch_id(batch_id: str) -> None:
    """Makes ``batch_id`` the current one of this process: :func:`emit` reports for it."""
    global _batch_id
    _batch_id = batch_id


def get_batch_id() -> "str | None":
    """The current batch id of this process."""
    return _batch_id


def emit(event: str, **fields: "Any") -> None:
    """Records an event with the active :class:`Reporter`; without one it does nothing.

    ``batch_id`` and ``job_id`` among the fields say what it belongs to.
    """
    if _active is not None:
        batch_id = fields.pop("batch_id", None) or _batch_id
        job_id = fields.pop("job_id", None)
        _active._record(event, fields, job_id, batch_id)


def _interval(flag: "bool | float", usual: float) -> float:
    if flag is True:
        return usual
    if flag is False:
        return 0.0
    try:
        return max(0.0, float(flag))
    except (TypeError, ValueError):
        return usual


def _flush_console() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def _close_all() -> None:
    for reporter in list(_open):
        _flush_console()
        reporter._native.release_console()
        reporter._native.close(_AT_EXIT_S)


atexit.register(_close_all)


class Reporter:
    """One batch: announced when entered, ended when left.

    :param batch_prefix: beginning of the batch id, ``<prefix>-<12 hex>``.
    :param experiment_type: kind of experiment, such as ``"forecast"``.
    :param source_project: project; ``"default"`` without one.
    :param command: command line, for a rerun.
    :param n_total: number of jobs planned.
    :param heartbeat: signs of life where nothing else is sent, in seconds; ``True`` is 300.
    :param stop_polling: looks for a stop where no answer says it, in seconds; ``True`` is 10.
    :param resource_snapshot: gauges of the host, in seconds; ``True`` is 30.
    :param monitor_url: server; else ``ARGUS_URL``, ``configs/monitor.yaml``, ``argus login``.
    :param token: token; else ``ARGUS_TOKEN``, ``ARGUS_TOKEN_FILE``, ``argus login``.
    :param auto_upload_dirs: folders whose pictures and documents are uploaded at a clean end.
    :param batch_id: a given id instead of a fresh one.
    :param resume_from: the same, said with the intent to go on; ``batch_id`` wins.
    :param capture_console: what this process and its children print becomes log lines of the job
        that runs; ``ARGUS_CONSOLE=1`` does the same.
    """

    def __init__(
        self,
        batch_prefix: str = "batch",
        *,
        experiment_type: "str | None" = None,
        source_project: "str | None" = None,
        command: "str | None" = None,
        n_total: "int | None" = None,
        heartbeat: "bool | float" = True,
        stop_polling: "bool | float" = True,
        resource_snapshot: "bool | float" = True,
        monitor_url: "str | None" = None,
        token: "str | None" = None,
        auto_upload_dirs: "Iterable[str | os.PathLike[str]] | None" = None,
        batch_id: "str | None" = None,
        resume_from: "str | None" = None,
        capture_console: bool = False,
    ) -> None:
        self._wanted = {
            "prefix": batch_prefix,
            "experiment_type": experiment_type,
            "project": source_project,
            "command": command,
            "n_total": int(n_total) if n_total is not None else 0,
            "heartbeat": _interval(heartbeat, _HEARTBEAT_S),
            "stop_polling": _interval(stop_polling, _STOP_POLL_S),
            "resource_snapshot": _interval(resource_snapshot, _RESOURCES_S),
            "url": monitor_url,
            "token": token,
            "batch_id": batch_id or resume_from,
            "announce": False,
            "env_snapshot": True,
            "facts": {
                "python_version": ".".join(map(str, sys.version_info[:3])),
                "python_executable": sys.executable,
                "argv": list(getattr(sys, "orig_argv", sys.argv)),
                # Where packages are looked for; which there are is found out aside.
                "sys_path": [folder for folder in sys.path if isinstance(folder, str)],
            },
        }
        self._upload_dirs = list(auto_upload_dirs or [])
        self._capture = capture_console
        self._active_job: "str | None" = None
        self._entered = False
        self._native = _native.Batch(self._wanted)
        self._stream = self._native.stream()
        tell(self._native)

    def __repr__(self) -> str:
        return f"<argus.Reporter {self.batch_id}>"

    @property
    def batch_id(self) -> str:
        """Id of the batch."""
        return self._native.batch_id

    @property
    def stopped(self) -> bool:
        """Whether somebody pressed Stop. Costs next to nothing: look once per step.

        Leave soon when it says so: what ends well from then on counts as stopped, not as done.
        """
        return self._native.stopped

    @property
    def _heeded(self) -> bool:
        """Whether the script was told of a stop."""
        return self._native.heeded

    def __enter__(self) -> "Reporter":
        global _active, _batch_id
        if self._entered:
            return self
        self._entered = True
        _active, _batch_id = self, self.batch_id
        _open.add(self)
        self._stream.record(
            "batch_start",
            {
                "experiment_type": self._wanted["experiment_type"] or "experiment",
                "n_total_jobs": self._wanted["n_total"],
                "command": self._wanted["command"],
            },
        )
        self._native.capture_console(self._capture)
        return self

    def __exit__(
        self,
        exc_type: "type[BaseException] | None",
        exc: "BaseException | None",
        tb: "TracebackType | None",
    ) -> None:
        global _active, _batch_id
        if not self._entered or self not in _open:
            return
        _flush_console()
        self._native.release_console()
        reason = None
        if exc_type is not None and not (self._heeded and left_in_order(exc)):
            reason = reason_of(exc_type, exc)
        elif self._upload_dirs:
            self._upload("batch", self.batch_id, self._upload_dirs, "**/*")
        self._native.end(reason, _CLOSE_S)
        tell(self._native)
        _open.discard(self)
        if _active is self:
            _active = None
        if _batch_id == self.batch_id:
            _batch_id = None

    def job(
        self, job_id: str, *, model: "str | None" = None, dataset: "str | None" = None
    ) -> "JobContext":
        """A job of this batch, to be used as ``with reporter.job(...) as job:``."""
        return JobContext(self, job_id, model=model, dataset=dataset)

    def emit(self, event: str, **fields: "Any") -> None:
        """Records an event of any kind, for the job that runs unless ``job_id`` says otherwise."""
        job_id = fields.pop("job_id", None) or self._active_job
        self._record(event, fields, job_id)

    def _record(
        self,
        event: str,
        fields: "dict[str, Any]",
        job_id: "str | None" = None,
        batch_id: "str | None" = None,
    ) -> None:
        needs_job = event in ("job_start", "job_epoch", "job_done", "job_failed")
        if needs_job and not job_id:
            say(30, f"{event} without a job_id is dropped")
            return
        stream = self._stream
        if job_id or (batch_id and batch_id != self.batch_id):
            stream = self._native.stream(job_id or None, batch_id or None)
        if not stream.record(str(event), fields):
            say(30, f"there is no event {event!r}")

    def _upload(
        self,
        owner: str,
        owner_id: str,
        paths: "list[str | os.PathLike[str]]",
        glob: str,
    ) -> int:
        from ._files import chosen

        files = [name for path in paths for name in chosen(path, glob)]
        return _native.upload(self._native, (owner, owner_id), files, [("kind", "image")], None)


class JobContext:
    """One job of a batch: begun when entered, ended when left. Made by :meth:`Reporter.job`."""

    def __init__(
        self,
        parent: Reporter,
        job_id: str,
        *,
        model: "str | None" = None,
        dataset: "str | None" = None,
    ) -> None:
        self._parent = parent
        self._job_id = str(job_id)
        self._model = model
        self._dataset = dataset
        self._metrics: "dict[str, Any]" = {}
        self._epochs = 0
        self._began = 0.0
        self._entered = False
        self._native = parent._native
        self._stream = parent._native.stream(self._job_id)

    def __repr__(self) -> str:
        return f"<argus.JobContext {self._job_id} of {self._parent.batch_id}>"

    @property
    def job_id(self) -> str:
        """Id of the job."""
        return self._job_id

    @property
    def stopped(self) -> bool:
        """Whether somebody pressed Stop for the batch."""
        return self._native.stopped

    def __enter__(self) -> "JobContext":
        self._entered = True
        self._began = time.monotonic()
        self._parent._active_job = self._job_id
        self._native.set_active_job(self._job_id)
        self._stream.record("job_start", {"model": self._model, "dataset": self._dataset})
        return self

    def __exit__(
        self,
        exc_type: "type[BaseException] | None",
        exc: "BaseException | None",
        tb: "TracebackType | None",
    ) -> None:
        if not self._entered:
            return
        self._entered = False
        elapsed = time.monotonic() - self._began
        heeded = self._native.heeded
        well = exc_type is None or (heeded and left_in_order(exc))
        if well:
            data = {
                "status": "STOPPED" if heeded else "DONE",
                "metrics": self._metrics or None,
                "elapsed_s": elapsed,
                "train_epochs": self._epochs or None,
            }
            self._stream.record("job_done", data)
        else:
            data = {
                "status": "FAILED",
                "reason": reason_of(exc_type, exc),
                "elapsed_s": elapsed,
                "traceback": traceback_of(exc_type, exc, tb),
            }
            self._stream.record("job_failed", data)
        self._native.count_job(well)
        if self._parent._active_job == self._job_id:
            self._parent._active_job = None
            self._native.set_active_job(None)
        self._native.settle_child()

    def epoch(
        self,
        epoch: int,
        *,
        train_loss: "float | None" = None,
        val_loss: "float | None" = None,
        lr: "float | None" = None,
        batch_time_ms: "float | None" = None,
        **extra: "Any",
    ) -> None:
        """Records one epoch; takes a few microseconds whatever the server does.

        :param epoch: number, as the script counts.
        :param train_loss: training loss. NaN and infinities are kept as such.
        :param val_loss: validation loss.
        :param lr: learning rate.
        :param batch_time_ms: time of one batch of samples, in milliseconds.
        :param extra: any other values; scalars of numpy and torch are read.
        """
        try:
            epoch = int(epoch)
        except (TypeError, ValueError, OverflowError):
            say(30, "an epoch whose number is none is dropped")
            return
        if epoch >= self._epochs:
            self._epochs = epoch + 1
        if self._stream.epoch(epoch, train_loss, val_loss, lr, batch_time_ms, extra):
            tell(self._native)

    def metrics(self, m: "dict[str, float]") -> None:
        """Keeps final metrics; they are reported when the job ends well."""
        if isinstance(m, dict):
            self._metrics.update(m)

    def log(self, message: str, level: str = "INFO") -> None:
        """Records a line of output."""
        if self._stream.log(message, level):
            tell(self._native)

    def upload(self, path: "str | os.PathLike[str]", *, glob: str = "**/*.png") -> int:
        """Uploads a file, or those of a folder that match ``glob``, and waits for it.

        Only ``.png``, ``.jpg``, ``.jpeg``, ``.pdf`` and ``.svg`` are sent. Returns at once when
        the server cannot be reached.

        :returns: how many files the server has.
        """
        return self._parent._upload("job", self._job_id, [path], glob)
