"""A plain PyTorch loop, without a framework around it.

::

    with TrainingLoop("mnist", model=net, optimizer=opt, n_epochs=10) as loop:
        for epoch in loop.epochs():
            for x, y in batches:
                loss = step(x, y)
                loop.add(loss)
            loop.log(val_loss=validate(), accuracy=0.97)

Losses are summed on their device and read once per epoch, so the loop never waits for the GPU on our account. Nothing
of torch is imported: whatever has ``detach`` and ``item`` will do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from argus.integrations._session import OneJob, number, numbers

__all__ = ["TrainingLoop"]


class TrainingLoop(OneJob):
    """Reports a loop of epochs as one job: mean loss, learning rate, time per batch, and what :meth:`log` is given."""

    default_type = "torch"

    def __init__(
        self,
        project: str | None = None,
        *,
        model: Any = None,
        optimizer: Any = None,
        n_epochs: int | None = None,
        params: dict[str, Any] | None = None,
        **arguments: Any,
    ) -> None:
        is_name = isinstance(model, str)
        OneJob.__init__(self, project, model=model if is_name else model and type(model).__name__, **arguments)
        self._module = None if is_name else model
        self._optimizer = optimizer
        self._n_epochs = n_epochs
        self._params = params
        self._final: dict[str, float] = {}
        self._fresh()

    def __enter__(self) -> TrainingLoop:
        super().__enter__()
        parameters = getattr(self._module, "parameters", None)
        self.begin(
            epochs=self._n_epochs,
            n_params=sum(p.numel() for p in parameters()) if parameters else None,
            params=self._params,
        )
        return self

    def epochs(self, start: int = 0) -> Iterator[int]:
        """Epoch numbers from ``start``, until ``n_epochs`` or until somebody asks the run to stop."""
        epoch = start
        while (self._n_epochs is None or epoch < self._n_epochs) and not self.stopped:
            self._fresh()
            yield epoch
            self._report(epoch)
            epoch += 1

    def add(self, loss: Any, count: int = 1) -> None:
        """Adds the loss of a batch, weighing ``count`` examples."""
        loss = loss.detach() if hasattr(loss, "detach") else loss
        self._sum = self._sum + loss * count
        self._count += count
        self._batches += 1

    def log(self, **values: Any) -> None:
        """Scalars of this epoch; ``val_loss`` and ``lr`` have their own charts."""
        self._values.update(numbers(values))

    def end(self, metrics: Any = None) -> None:
        super().end(metrics or self._final)

    def _fresh(self) -> None:
        self._sum: Any = 0.0
        self._count = 0
        self._batches = 0
        self._values: dict[str, float] = {}
        self._began = time.monotonic()

    def _report(self, epoch: int) -> None:
        values: dict[str, Any] = {}
        if self._count:
            values["train_loss"] = number(self._sum / self._count)
            values["batch_time_ms"] = (time.monotonic() - self._began) * 1000 / self._batches
        groups = getattr(self._optimizer, "param_groups", None)
        if groups:
            values["lr"] = number(groups[0].get("lr"))
        values |= self._values
        self._final.update({k: v for k, v in values.items() if v is not None and k != "batch_time_ms"})
        if self.job is not None:
            self.job.epoch(epoch, **values)
