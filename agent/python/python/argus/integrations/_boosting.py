"""Rounds of gradient boosting: the same for all libraries that have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argus.integrations._session import OneJob, number, plain

# Names of data that a model is judged on rather than fitted to.
_TRAIN = ("train", "training", "validation_0")


class Rounds(OneJob):
    """A job whose epochs are rounds and whose metrics are per data set."""

    def __init__(self, project: str | None = None, **arguments: Any) -> None:
        OneJob.__init__(self, project, **arguments)
        self._final: dict[str, float] = {}

    def begin_rounds(self, params: Mapping[str, Any] | None, total: int | None = None) -> None:
        """Begins the job unless it has begun."""
        if self.job is None:
            self._final = {}
            self.begin(
                model=self.model_name or self.default_type,
                params=plain(dict(params)) if params else None,
                epochs=total,
            )

    def round(self, n: int, results: Mapping[tuple[str, str], Any]) -> None:
        """One round; ``results`` by data set and metric. The first metric of each kind of data is the loss."""
        if self.job is None:
            return
        values: dict[str, float] = {}
        losses: dict[str, float] = {}
        for (data, metric), value in results.items():
            scalar = number(value)
            if scalar is not None:
                values[f"{data}-{metric}"] = scalar
                is_train = data.lower() in _TRAIN and (data != "validation_0" or len({d for d, _ in results}) > 1)
                losses.setdefault("train_loss" if is_train else "val_loss", scalar)
        self._final = values
        self.job.epoch(n, **losses, **values)

    def end(self, metrics: Mapping[str, Any] | None = None) -> None:
        super().end(metrics or self._final)

    def end_rounds(self) -> None:
        """Ends the job, unless a ``with`` block will."""
        if not self._with:
            self.end()
