"""XGBoost: ``xgboost.train(..., callbacks=[ArgusCallback("my-project")])``, and the scikit-learn estimators.

A boosting round is an epoch. XGBoost has no hook for failures: ``with ArgusCallback(...) as argus:`` reports them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from argus.integrations._boosting import Rounds

try:
    from xgboost.callback import TrainingCallback
except ImportError as error:
    raise ImportError("argus.integrations.xgboost needs XGBoost: pip install xgboost") from error

__all__ = ["ArgusCallback"]


class ArgusCallback(Rounds, TrainingCallback):
    """Reports training as one job. ``params`` are shown with it: XGBoost does not hand them to callbacks."""

    default_type = "xgboost"

    def __init__(self, project: str | None = None, *, params: Mapping[str, Any] | None = None, **arguments: Any) -> None:
        Rounds.__init__(self, project, **arguments)
        self._params = params

    def before_training(self, model: Any) -> Any:
        self.begin_rounds(self._params)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Sequence[Any]]]) -> bool:
        latest = {
            (data, metric): series[-1]
            for data, metrics in evals_log.items()
            for metric, series in metrics.items()
        }
        # Cross-validation gives mean and deviation.
        self.round(epoch, {key: v[0] if isinstance(v, tuple) else v for key, v in latest.items()})
        return self.stopped

    def after_training(self, model: Any) -> Any:
        self.end_rounds()
        return model
