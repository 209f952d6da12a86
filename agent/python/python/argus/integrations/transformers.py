"""Hugging Face Transformers: ``Trainer(..., callbacks=[ArgusCallback("my-project")])``.

The Trainer logs by optimizer step, so steps are the axis. It has no hook for failures:
``with ArgusCallback(...) as argus: trainer.train()`` reports them.
"""

from __future__ import annotations

from typing import Any

from argus.integrations._session import OneJob, numbers, plain

try:
    from transformers import TrainerCallback
except ImportError as error:
    raise ImportError("argus.integrations.transformers needs Transformers: pip install transformers") from error

__all__ = ["ArgusCallback"]

# What the Trainer calls these.
_NAMES = {"loss": "train_loss", "eval_loss": "val_loss", "learning_rate": "lr", "epoch": "epoch_progress"}
# Arguments that matter when runs are compared.
_ARGUMENTS = (
    "learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps", "num_train_epochs", "max_steps",
    "warmup_steps", "weight_decay", "lr_scheduler_type", "optim", "seed", "bf16", "fp16", "max_grad_norm",
)


class ArgusCallback(OneJob, TrainerCallback):
    """Reports ``train`` as one job; only the main process reports."""

    default_type = "transformers"

    def __init__(self, project: str | None = None, **arguments: Any) -> None:
        OneJob.__init__(self, project, **arguments)
        self._final: dict[str, float] = {}
        self._pending: dict[str, float] = {}
        self._step = -1

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        if state.is_world_process_zero:
            config = getattr(model, "config", None)
            self.begin(
                model=self.model_name or getattr(config, "name_or_path", None) or getattr(config, "model_type", None),
                n_params=sum(p.numel() for p in model.parameters()) if model is not None else None,
                epochs=state.max_steps if (state.max_steps or 0) > 0 else None,
                params={name: plain(getattr(args, name)) for name in _ARGUMENTS if hasattr(args, name)},
            )

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if self.job is None:
            return
        # Training and evaluation log the same step one after the other: they make one event.
        if state.global_step != self._step:
            self._flush()
            self._step = state.global_step
        for name, value in numbers(logs or {}).items():
            self._pending[_NAMES.get(name, name)] = value
            self._final[name] = value

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if self.stopped:
            control.should_training_stop = True
        return control

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._flush()
        if not self._with:
            self.end()

    def end(self, metrics: Any = None) -> None:
        self._flush()
        super().end(metrics or self._final)

    def _flush(self) -> None:
        values, self._pending = self._pending, {}
        if values and self.job is not None:
            self.job.epoch(self._step, **values)
