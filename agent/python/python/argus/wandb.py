"""``import argus.wandb as wandb``: the common calls of that client, as an Argus batch with one job.

::

    import argus.wandb as wandb

    run = wandb.init(project="mnist", config={"lr": 0.01})
    for step in range(100):
        wandb.log({"loss": loss, "acc": acc})
    wandb.finish()

What is covered: ``init`` (also as a context manager), ``log``, ``config``, ``summary``, ``define_metric``, ``alert``,
``save``, ``Image`` inside ``log``, ``finish``, ``run``. Anything else raises ``AttributeError`` naming it, rather than
pretending. Arguments that have no meaning here (``entity``, ``settings``, ``reinit``…) are accepted and ignored, so a
script changes one line. Server and token come from Argus' own variables: ``ARGUS_URL``, ``ARGUS_TOKEN``.
"""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from argus import Reporter
from argus._wandb_values import AlertLevel, Config, Image, Summary
from argus.integrations._session import Job, number, plain

__all__ = [
    "AlertLevel", "Config", "Image", "Run", "Summary", "alert", "define_metric", "finish", "init", "log", "run", "save",
]

# Names the charts of losses and rates know.
_LOSSES = {"loss": "train_loss", "train_loss": "train_loss", "train/loss": "train_loss"}
_HELD_OUT = {"val_loss": "val_loss", "val/loss": "val_loss", "eval/loss": "val_loss", "valid_loss": "val_loss"}
_RATES = {"lr": "lr", "learning_rate": "lr", "train/lr": "lr"}
_OURS = _LOSSES | _HELD_OUT | _RATES


class Run:
    """One run: what :func:`init` returns."""

    def __init__(
        self,
        *,
        project: str | None,
        name: str | None,
        config: Mapping[str, Any] | None,
        tags: list[str] | None,
        group: str | None,
        job_type: str | None,
        notes: str | None,
        resume_id: str | None,
    ) -> None:
        arguments: dict[str, Any] = {} if resume_id is None else {"batch_id": resume_id}
        self.project = project or os.environ.get("ARGUS_PROJECT") or "uncategorized"
        self._reporter = Reporter(
            name or self.project, source_project=self.project, experiment_type=job_type or "wandb", n_total=1, **arguments
        )
        self._reporter.__enter__()
        # After the reporter's own, which closes it: what is registered last runs first.
        atexit.unregister(_at_exit)
        atexit.register(_at_exit)
        self.id = self._reporter.batch_id
        self.name = name or self.id
        self.group = group
        self.notes = notes
        self.tags = tuple(tags or ())
        self.config = Config(config)
        self.summary = Summary()
        self.step = 0
        self._job = Job(self._reporter, "main")
        self._told: Any = None
        self._pending: dict[str, Any] = {}
        self._best: dict[str, str] = {}
        self._steps: dict[str, str] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="argus-wandb-")
        self._tell()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked this run to stop on the server. W&B kills the script instead."""
        return bool(self._reporter.stopped)

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        """Logs scalars and pictures at ``step``; without one, steps count up with every call that commits.

        As with the original, values logged for the same step are joined, and ``commit=False`` leaves a step open.
        """
        self._tell()
        if step is not None and step != self.step:
            self._flush()
            self.step = int(step)
        for name, value in _flat(data):
            if isinstance(value, Image):
                self._picture(name, value)
            else:
                scalar = number(value)
                if scalar is not None:
                    self._pending[name] = scalar
                    self.summary.follow(name, scalar, self._best.get(name, "last"))
        if commit or (commit is None and step is None):
            self._flush()
            self.step += 1

    def define_metric(
        self, name: str, step_metric: str | None = None, summary: str | None = None, goal: str | None = None, **_: Any
    ) -> None:
        """``summary`` of ``min``, ``max`` or ``last`` chooses the final value; ``step_metric`` the axis."""
        if summary:
            words = summary.split(",")
            best = {"minimize": "min", "maximize": "max"}.get(goal or "", "min") if "best" in words else None
            kept = best or next((word for word in words if word in ("min", "max", "last")), None)
            if kept:
                self._best[name] = kept
        if step_metric:
            self._steps[name] = step_metric

    def alert(self, title: str, text: str, level: str = AlertLevel.INFO, wait_duration: Any = None) -> None:
        """A line that stands out in the log of the run."""
        words = {"INFO": "info", "WARN": "warning", "ERROR": "error"}
        self._job.log(f"{title}: {text}", words.get(str(level).upper(), "info"))

    def save(self, glob_str: str | os.PathLike[str], *_: Any, **__: Any) -> list[str]:
        """Uploads the pictures and PDFs that fit the pattern; returns those it found."""
        pattern = Path(glob_str)
        found = [pattern] if pattern.is_file() else sorted(Path(pattern.parent).glob(pattern.name))
        for path in found:
            self._reporter.job(self._job.job_id).upload(path)
        return [str(path) for path in found]

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """Ends the run, as failed with an exit code other than zero."""
        self._end(f"exit code {exit_code}" if exit_code else None)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(None if error is None else f"{type(error).__name__}: {error}")

    def _tell(self) -> None:
        """The job's beginning, again when parameters were added since."""
        now = plain(dict(self.config))
        if now == self._told and self._job.is_open:
            return
        self._told = now
        tags = [*self.tags, *([f"group:{self.group}"] if self.group else [])]
        self._job.start(
            model=_word(now, "model", "architecture", "arch"),
            dataset=_word(now, "dataset"),
            params=now or None,
            tags=tags or None,
            run_name=self.name,
            notes=self.notes,
        )

    def _flush(self) -> None:
        values, self._pending = self._pending, {}
        if not values:
            return
        axis = next((self._steps[name] for name in values if self._steps.get(name) in values), None)
        step = self.step if axis is None else int(values.pop(axis))
        self._job.epoch(step, **{_OURS.get(name, name): value for name, value in values.items() if name != "epoch"})

    def _picture(self, name: str, image: Image) -> None:
        path = image.store(Path(self._folder.name), f"{name}-{self.step}")
        self._reporter.job(self._job.job_id).upload(path)

    def _end(self, reason: str | None) -> None:
        global run
        if self._job.is_open:
            self._tell()
            self._flush()
            if reason is None:
                self._job.done(self.summary)
            else:
                self._job.failed(reason)
            error = None if reason is None else RuntimeError(reason)
            self._reporter.__exit__(type(error) if error else None, error, None)
            self._folder.cleanup()
        if run is self:
            run = None


run: Run | None = None


def init(
    project: str | None = None,
    *,
    name: str | None = None,
    config: Mapping[str, Any] | Any = None,
    tags: Any = None,
    group: str | None = None,
    job_type: str | None = None,
    notes: str | None = None,
    id: str | None = None,
    resume: bool | str | None = None,
    mode: str | None = None,
    **_: Any,
) -> Run:
    """Begins a run and makes it the current one. With ``id`` and ``resume``, goes on with that run."""
    global run
    if run is not None:
        run.finish()
    if mode == "disabled":
        os.environ["ARGUS_MODE"] = "disabled"
    elif mode == "offline":
        os.environ["ARGUS_MODE"] = "offline"
    values = config if config is None or isinstance(config, Mapping) else vars(config)
    run = Run(
        project=project,
        name=name,
        config=values,
        tags=[tags] if isinstance(tags, str) else list(tags or ()),
        group=group,
        job_type=job_type,
        notes=notes,
        resume_id=id,
    )
    return run


def _current() -> Run:
    if run is None:
        raise RuntimeError("call argus.wandb.init() first")
    return run


def log(data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
    """See :meth:`Run.log`."""
    _current().log(data, step, commit)


def define_metric(name: str, **arguments: Any) -> None:
    """See :meth:`Run.define_metric`."""
    _current().define_metric(name, **arguments)


def alert(title: str, text: str, level: str = AlertLevel.INFO, wait_duration: Any = None) -> None:
    """See :meth:`Run.alert`."""
    _current().alert(title, text, level, wait_duration)


def save(glob_str: str | os.PathLike[str], *arguments: Any, **options: Any) -> list[str]:
    """See :meth:`Run.save`."""
    return _current().save(glob_str, *arguments, **options)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """Ends the current run; does nothing without one."""
    if run is not None:
        run.finish(exit_code)


def __getattr__(name: str) -> Any:
    if name in ("config", "summary"):
        return getattr(_current(), name)
    raise AttributeError(f"argus.wandb has no {name}: see its documentation for what is covered")


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _word(values: Mapping[str, Any], *keys: str) -> str | None:
    return next((values[key] for key in keys if isinstance(values.get(key), str)), None)


_raised: list[BaseException] = []


def _remember(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _raised.append(error)
    _before(kind, error, trace)


_before, sys.excepthook = sys.excepthook, _remember


def _at_exit() -> None:
    if run is not None:
        error = _raised[-1] if _raised else None
        run._end(None if error is None else f"{type(error).__name__}: {error}")
