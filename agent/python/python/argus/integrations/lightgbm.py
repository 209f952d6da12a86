"""LightGBM: ``lightgbm.train(..., callbacks=[ArgusCallback("my-project")])``, and the scikit-learn estimators.

A boosting round is an epoch. LightGBM tells callbacks neither of failures nor of early stopping: with either, use
``with ArgusCallback(...) as argus:`` around the training.
"""

from __future__ import annotations

from typing import Any

from argus.integrations._boosting import Rounds

try:
    from lightgbm.callback import EarlyStopException
except ImportError as error:
    raise ImportError("argus.integrations.lightgbm needs LightGBM: pip install lightgbm") from error

__all__ = ["ArgusCallback"]


class ArgusCallback(Rounds):
    """Reports training as one job."""

    default_type = "lightgbm"
    # Before early stopping (30), which ends the round for whoever comes later.
    order = 25
    before_iteration = False

    def __call__(self, env: Any) -> None:
        self.begin_rounds(env.params, total=env.end_iteration - env.begin_iteration)
        results = env.evaluation_result_list or []
        self.round(env.iteration, {(row[0], row[1]): row[2] for row in results})
        if self.stopped:
            raise EarlyStopException(env.iteration, results)
        if env.iteration + 1 >= env.end_iteration:
            self.end_rounds()

    def __del__(self) -> None:
        # After early stopping without `with`, this is the first to know that it is over.
        if getattr(self, "job", None) is not None:
            self.end_rounds()
