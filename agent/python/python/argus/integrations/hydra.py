"""Hydra: a callback in the configuration, no line in the script.

::

    hydra:
      callbacks:
        argus:
          _target_: argus.integrations.hydra.ArgusCallback
          project: my-project

A run, or a whole multirun, is a batch; each job of Hydra is a job. Launchers that start processes carry the callback
into them: what they report lands in the same batch, which the launching process ends.
"""

from __future__ import annotations

from typing import Any

from argus import ExperimentReporter
from argus.integrations._session import Job, Session, plain

try:
    from hydra.core.hydra_config import HydraConfig
    from hydra.experimental.callback import Callback
    from omegaconf import DictConfig, OmegaConf
except ImportError as error:
    raise ImportError("argus.integrations.hydra needs Hydra: pip install hydra-core") from error

__all__ = ["ArgusCallback"]


class _Lent:
    """What a launched process reports through: the batch is its launcher's, so it is neither begun nor ended here."""

    def __init__(self, url: str | None, token: str | None, project: str | None, batch_id: str) -> None:
        self._reporter = ExperimentReporter(url, project or "default", auth_token=token, batch_id=batch_id)

    def emit(self, event: str, **fields: Any) -> None:
        getattr(self._reporter, event)(**fields)

    def close(self) -> None:
        self._reporter.close()


class ArgusCallback(Session, Callback):
    """Reports Hydra's jobs with their configuration and overrides.

    The id of a job is ``job_id_template`` with ``{num}``, ``{name}`` and fields of the configuration filled in, else the
    configuration's field ``job_id_key``, else Hydra's job number.
    """

    default_type = "hydra"

    def __init__(
        self,
        project: str | None = None,
        *,
        job_id_key: str | None = None,
        job_id_template: str | None = None,
        **arguments: Any,
    ) -> None:
        Session.__init__(self, project, **arguments)
        self._job_id_key = job_id_key
        self._job_id_template = job_id_template
        self._job: Job | None = None
        self._lent_batch: str | None = None
        self._failed: BaseException | None = None

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__ | {"reporter": None, "_job": None, "_failed": None}
        state["_lent_batch"] = self.batch_id
        return state

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        self._open(config, 1)

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        self._open(config, None)

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        hydra = HydraConfig.get()
        task = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
        if self.reporter is None and self._lent_batch is not None:
            arguments = self._arguments
            sink: Any = _Lent(arguments["monitor_url"], arguments["token"], self.project, self._lent_batch)
        else:
            sink = self.open_batch()
        self._job = Job(sink, self._job_id(task, hydra))
        self._job.start(
            model=_text(task, "model"),
            dataset=_text(task, "dataset"),
            params=plain(OmegaConf.to_container(task, resolve=False, throw_on_missing=False), 8),
            overrides=list(hydra.overrides.task),
            run_dir=str(hydra.runtime.output_dir),
        )

    def on_job_end(self, config: DictConfig, job_return: Any, **_: Any) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        try:
            value = job_return.return_value
        except Exception as error:
            self._failed = error
            job.failed(f"{type(error).__name__}: {error}")
        else:
            job.done(value if isinstance(value, dict) else {} if value is None else {"return_value": value})
        if isinstance(job.reporter, _Lent):
            job.reporter.close()

    def on_run_end(self, config: DictConfig, **_: Any) -> None:
        self.close_batch(self._failed)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        # One failure among many jobs is none of the batch.
        self.close_batch()

    def _open(self, config: DictConfig, n_total: int | None) -> None:
        name = _text(config, "experiment_name")
        if name:
            self._arguments["batch_prefix"] = name
        self.open_batch(n_total)

    def _job_id(self, task: DictConfig, hydra: Any) -> str:
        # Outside a multirun Hydra leaves the number missing.
        num = OmegaConf.select(hydra, "job.num", default=0, throw_on_missing=False)
        num = 0 if num is None else num
        if self._job_id_template:
            fields = OmegaConf.to_container(task, resolve=True)
            return self._job_id_template.format(**fields | {"num": num, "name": hydra.job.name})
        if self._job_id_key:
            chosen = OmegaConf.select(task, self._job_id_key)
            if chosen is not None:
                return str(chosen)
        return str(num)


def _text(config: DictConfig, key: str) -> str | None:
    """A field that is a word; a group is named by its own ``name``."""
    value = OmegaConf.select(config, key, throw_on_missing=False)
    if isinstance(value, DictConfig):
        value = value.get("name") or value.get("_target_")
    return None if value is None else str(value)
