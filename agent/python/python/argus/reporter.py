"""The class of the first versions, for scripts that send every event themselves."""

import os

from . import _native
from ._say import say, tell
from .context import new_batch_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


class ExperimentReporter:
    """Records events one by one. :class:`argus.Reporter` does more with less.

    :param url: server.
    :param project: project of the batches.
    :param auth_token: token; else ``ARGUS_TOKEN``.
    :param host: host name; by default this one's.
    :param user: user name; by default this one's.
    :param commit: short commit; by default the one checked out here.
    :param timeout: accepted for older scripts; requests have limits of their own.
    :param queue_size: accepted for older scripts; nothing is dropped for want of a queue.
    :param spill_path: its folder is used instead of ``~/.argus-reporter``.
    :param batch_id: current batch.
    """

    def __init__(
        self,
        url: str,
        project: str,
        auth_token: "str | None" = None,
        host: "str | None" = None,
        user: "str | None" = None,
        commit: "str | None" = None,
        timeout: float = 10.0,
        queue_size: int = 1000,
        spill_path: "str | None" = None,
        batch_id: "str | None" = None,
    ) -> None:
        self.url = str(url).rstrip("/")
        self.endpoint = f"{self.url}/api/events"
        self.batch_endpoint = f"{self.url}/api/events/batch"
        self.timeout = timeout
        self.current_batch_id = batch_id
        self._streams: "dict[tuple[str, str | None], _native.Stream]" = {}
        options = {
            "url": self.url,
            "token": auth_token,
            "project": project,
            "host": host,
            "user": user,
            "commit": commit,
            "dir": spill_path and (os.path.dirname(os.path.abspath(spill_path))),
            "batch_id": batch_id or new_batch_id(),
        }
        self._native = _native.Batch(options)
        self.disabled = not self._native.is_on
        if not auth_token and not self.disabled:
            say(20, "ExperimentReporter without auth_token: ARGUS_TOKEN and argus login count")
        tell(self._native)

    def __enter__(self) -> "ExperimentReporter":
        return self

    def __exit__(
        self,
        exc_type: "type[BaseException] | None",
        exc: "BaseException | None",
        tb: "TracebackType | None",
    ) -> None:
        self.close()

    def _send(self, kind: str, data: "dict[str, Any]", job_id: "str | None" = None) -> None:
        batch = self.current_batch_id
        if not batch:
            say(30, f"{kind} called before batch_start; event dropped")
            return
        if kind.startswith("job_") and not job_id:
            say(30, f"{kind} without a job_id is dropped")
            return
        key = (batch, job_id)
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= 1000:
                self._streams.clear()
            stream = self._native.stream(job_id, batch)
            self._streams[key] = stream
        stream.record(kind, data)

    def batch_start(
        self,
        experiment_type: str,
        n_total: int,
        command: "str | None" = None,
        batch_id: "str | None" = None,
        **extra: "Any",
    ) -> str:
        """Begins a batch; returns its id."""
        self.current_batch_id = batch_id or self.current_batch_id or self._native.batch_id
        data = {"experiment_type": experiment_type, "n_total_jobs": n_total, "command": command}
        self._send("batch_start", data | extra)
        return self.current_batch_id

    def batch_done(
        self,
        n_done: int,
        n_failed: int = 0,
        total_elapsed_s: "float | None" = None,
        **extra: "Any",
    ) -> None:
        """Ends the batch well; times are in seconds."""
        data = {"n_done": n_done, "n_failed": n_failed, "total_elapsed_s": total_elapsed_s}
        self._send("batch_done", data | extra)

    def batch_failed(self, reason: "str | None" = None, **extra: "Any") -> None:
        """Ends the batch with an error."""
        self._send("batch_failed", {"reason": reason} | extra)

    def job_start(
        self,
        job_id: str,
        model: "str | None" = None,
        dataset: "str | None" = None,
        **extra: "Any",
    ) -> None:
        """Begins a job."""
        self._send("job_start", {"model": model, "dataset": dataset} | extra, job_id)

    def job_epoch(
        self,
        job_id: str,
        epoch: int,
        train_loss: "float | None" = None,
        val_loss: "float | None" = None,
        lr: "float | None" = None,
        **extra: "Any",
    ) -> None:
        """Records an epoch."""
        data = {"epoch": epoch, "train_loss": train_loss, "val_loss": val_loss, "lr": lr}
        self._send("job_epoch", data | extra, job_id)

    def job_done(
        self,
        job_id: str,
        metrics: "dict[str, Any] | None" = None,
        elapsed_s: "float | None" = None,
        train_epochs: "int | None" = None,
        resources: "dict[str, Any] | None" = None,
        **extra: "Any",
    ) -> None:
        """Ends a job well; times are in seconds."""
        data = {
            "status": "DONE",
            "metrics": metrics,
            "elapsed_s": elapsed_s,
            "train_epochs": train_epochs,
            "resources": resources,
        }
        self._send("job_done", data | extra, job_id)

    def job_failed(
        self,
        job_id: str,
        reason: "str | None" = None,
        elapsed_s: "float | None" = None,
        **extra: "Any",
    ) -> None:
        """Ends a job with an error; times are in seconds."""
        data = {"status": "FAILED", "reason": reason, "elapsed_s": elapsed_s}
        self._send("job_failed", data | extra, job_id)

    def resource_snapshot(self, **extra: "Any") -> None:
        """Records gauges of the host."""
        self._send("resource_snapshot", extra)

    def log_line(self, job_id: str, line: str, level: str = "info", **extra: "Any") -> None:
        """Records a line of output."""
        self._send("log_line", {"line": line, "level": level} | extra, job_id)

    def job_artifact(
        self,
        job_id: str,
        path: "str | os.PathLike[str]",
        *,
        label: "str | None" = None,
        meta: "dict[str, Any] | None" = None,
    ) -> None:
        """Uploads a file of a job and waits for it."""
        path = os.fspath(path)
        if self.disabled or not os.path.isfile(path):
            return
        import json
        import mimetypes

        fields = [] if label is None else [("label", str(label))]
        try:
            fields += [] if meta is None else [("meta", json.dumps(meta))]
        except (TypeError, ValueError):
            say(30, "meta of an artifact is no JSON and is left out")
        mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
        _native.upload(self._native, ("job", job_id), [path], fields, mime)

    def close(self, timeout: float = 5.0) -> None:
        """Sends what is left, for at most ``timeout`` seconds; the rest stays on disk."""
        self._native.close(float(timeout))
        tell(self._native)
