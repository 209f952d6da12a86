"""Keras 3 on any backend: ``model.fit(..., callbacks=[ArgusCallback("my-project")])``.

Keras has no hook for failures: ``with ArgusCallback(...) as argus: model.fit(..., callbacks=[argus])`` reports them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from argus.integrations._session import OneJob, first_of, number, numbers

try:
    from keras.callbacks import Callback
except ImportError as error:
    raise ImportError("argus.integrations.keras needs Keras: pip install keras, and a backend") from error

__all__ = ["ArgusCallback"]


class ArgusCallback(OneJob, Callback):
    """Reports a ``fit`` as one job, every number Keras logs as a series."""

    default_type = "keras"

    def __init__(
        self,
        project: str | None = None,
        *,
        train_loss_keys: Sequence[str] = ("loss",),
        val_loss_keys: Sequence[str] = ("val_loss",),
        final_metric_keys: Sequence[str] = (),
        **arguments: Any,
    ) -> None:
        Callback.__init__(self)
        OneJob.__init__(self, project, **arguments)
        self._train_loss_keys = tuple(train_loss_keys)
        self._val_loss_keys = tuple(val_loss_keys)
        self._final_metric_keys = tuple(final_metric_keys)
        self._final: dict[str, float] = {}

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        params = self.params or {}
        model = self.model
        self.begin(
            model=self.model_name or getattr(model, "name", None),
            epochs=params.get("epochs"),
            n_params=model.count_params() if getattr(model, "built", False) else None,
        )

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.stopped:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.job is None:
            return
        values = numbers(logs or {})
        self._final = values
        lr = number(getattr(getattr(self.model, "optimizer", None), "learning_rate", None))
        named = {*self._train_loss_keys, *self._val_loss_keys, "epoch", "lr", "learning_rate"}
        self.job.epoch(
            epoch,
            train_loss=first_of(values, self._train_loss_keys),
            val_loss=first_of(values, self._val_loss_keys),
            lr=lr,
            **{k: v for k, v in values.items() if k not in named},
        )

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        keys = self._final_metric_keys or tuple(self._final)
        self.end({key: self._final[key] for key in keys if key in self._final})

    def __del__(self) -> None:
        # Keras drops its callbacks when fit raises: better late than never.
        if getattr(self, "job", None) is not None:
            self.report_failure(RuntimeError("training ended without its end hook"))
