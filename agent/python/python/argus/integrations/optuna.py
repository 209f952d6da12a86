"""Optuna: ``study.optimize(objective, n_trials=100, callbacks=[ArgusCallback("my-project")])``.

A study is a batch, a trial is a job; what jobs say under ``optuna`` feeds the server's page of studies. A trial is
told when it ends, because only then its parameters are known.
"""

from __future__ import annotations

from typing import Any

from argus.integrations._session import Job, Session, plain

try:
    from optuna.study import StudyDirection
    from optuna.trial import TrialState
except ImportError as error:
    raise ImportError("argus.integrations.optuna needs Optuna: pip install optuna") from error

__all__ = ["ArgusCallback"]


class ArgusCallback(Session):
    """Reports every finished trial. The batch ends with :meth:`close`, or the ``with`` block.

    ``metric_name`` is what the objective returns, for the tables; several names for several objectives.
    """

    default_type = "optuna"

    def __init__(
        self,
        project: str | None = None,
        *,
        metric_name: str | list[str] | None = None,
        model: str | None = None,
        dataset: str | None = None,
        n_trials: int | None = None,
        **arguments: Any,
    ) -> None:
        Session.__init__(self, project, **arguments)
        self._metric_names = [metric_name] if isinstance(metric_name, str) else metric_name
        self._model = model
        self._dataset = dataset
        self._n_trials = n_trials

    def __call__(self, study: Any, trial: Any) -> None:
        job = Job(self.open_batch(self._n_trials), f"trial-{trial.number}")
        names = self._names(study)
        job.start(
            model=self._model,
            dataset=self._dataset,
            optuna={
                "study_name": study.study_name,
                "trial_id": trial.number,
                "params": plain(trial.params),
                "direction": _direction(study),
                "sampler": type(study.sampler).__name__,
                "target_metric": names[0],
            },
        )
        for step, value in sorted(trial.intermediate_values.items()):
            job.epoch(step, **{names[0]: value})
        took = trial.duration.total_seconds() if trial.duration is not None else None
        facts = {} if took is None else {"elapsed_s": took}
        if trial.state == TrialState.COMPLETE:
            job.done(dict(zip(names, trial.values, strict=False)), **facts)
        elif trial.state == TrialState.PRUNED:
            # Without metrics: what a pruned trial had reached is no result.
            job.done(status="PRUNED", **facts)
        else:
            job.failed("the objective raised an error, which Optuna keeps to its log", **facts)
        if self.stopped:
            study.stop()

    def close(self, error: BaseException | None = None) -> None:
        """Ends the batch."""
        self.close_batch(error)

    def __enter__(self) -> ArgusCallback:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.close(error)

    def _names(self, study: Any) -> list[str]:
        own = self._metric_names or study.metric_names
        count = len(study.directions)
        return list(own) if own else ["objective"] if count == 1 else [f"objective_{i}" for i in range(count)]


def _direction(study: Any) -> str:
    return "maximize" if study.directions[0] == StudyDirection.MAXIMIZE else "minimize"
