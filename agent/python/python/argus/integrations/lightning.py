"""PyTorch Lightning: ``Trainer(callbacks=[ArgusCallback("my-project")])``.

One epoch event per training epoch, after its validation. Only the process of rank zero reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from argus.integrations._session import OneJob, first_of, number, numbers, plain

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    try:
        from pytorch_lightning.callbacks import Callback
    except ImportError as error:
        raise ImportError("argus.integrations.lightning needs Lightning: pip install lightning") from error

__all__ = ["ArgusCallback"]


class ArgusCallback(OneJob, Callback):
    """Reports a ``fit`` as one job.

    ``train_loss_keys`` and ``val_loss_keys`` say which logged metrics are the losses, the first that exists wins;
    ``final_metric_keys`` which metrics the job ends with, all when empty.
    """

    default_type = "lightning"

    def __init__(
        self,
        project: str | None = None,
        *,
        train_loss_keys: Sequence[str] = ("train_loss_epoch", "train_loss", "loss"),
        val_loss_keys: Sequence[str] = ("val_loss_epoch", "val_loss"),
        final_metric_keys: Sequence[str] = (),
        **arguments: Any,
    ) -> None:
        OneJob.__init__(self, project, **arguments)
        self._train_loss_keys = tuple(train_loss_keys)
        self._val_loss_keys = tuple(val_loss_keys)
        self._final_metric_keys = tuple(final_metric_keys)
        self._validated = False
        self._final: dict[str, float] = {}

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        if trainer.is_global_zero:
            hparams = getattr(pl_module, "hparams", None)
            self.begin(
                model=self.model_name or type(pl_module).__name__,
                epochs=trainer.max_epochs if (trainer.max_epochs or 0) > 0 else None,
                n_params=sum(p.numel() for p in pl_module.parameters()),
                params=plain(dict(hparams)) if hparams else None,
            )

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        self._validated = not trainer.sanity_checking

    def on_train_batch_end(self, trainer: Any, *_: Any, **__: Any) -> None:
        if self.stopped:
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        if self.job is None:
            return
        values = numbers(trainer.callback_metrics)
        if not self._validated:
            # Lightning keeps showing the last validation; without one this epoch has no such values.
            values = {k: v for k, v in values.items() if not k.startswith("val")}
        self._validated = False
        self._final.update(values)
        named = (*self._train_loss_keys, *self._val_loss_keys)
        self.job.epoch(
            trainer.current_epoch,
            train_loss=first_of(values, self._train_loss_keys),
            val_loss=first_of(values, self._val_loss_keys),
            lr=_learning_rate(trainer),
            **{k: v for k, v in values.items() if k not in (*named, "epoch", "lr")},
        )

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self.report_failure(exception)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        keys = self._final_metric_keys or tuple(self._final)
        self.end({key: self._final[key] for key in keys if key in self._final})


def _learning_rate(trainer: Any) -> float | None:
    groups = (group for optimizer in trainer.optimizers or () for group in optimizer.param_groups)
    return next((number(group.get("lr")) for group in groups), None)
