"""The plain loop. It needs no torch: numbers do, and a stand-in with the interface tensors document."""

from types import SimpleNamespace

import pytest

from argus.integrations.torch import TrainingLoop


class Tensor:
    """`detach`, `item`, `+`, `*`, `/`: all the loop uses of a tensor, and it counts the reads."""

    reads = 0

    def __init__(self, value):
        self.value = value

    def detach(self):
        return self

    def item(self):
        Tensor.reads += 1
        return self.value

    def __add__(self, other):
        return Tensor(self.value + getattr(other, "value", other))

    __radd__ = __add__

    def __mul__(self, count):
        return Tensor(self.value * count)

    def __truediv__(self, count):
        return Tensor(self.value / count)


def test_an_epoch_is_the_mean_of_its_batches_and_reads_the_device_once(site):
    optimizer = SimpleNamespace(param_groups=[{"lr": 0.01}])
    Tensor.reads = 0
    with TrainingLoop(site.project, model="net", optimizer=optimizer, n_epochs=3, stop_polling=False) as loop:
        for epoch in loop.epochs():
            for batch in range(4):
                loop.add(Tensor(float(epoch + batch)), count=2)
            loop.log(val_loss=0.5, accuracy=0.9)
    assert Tensor.reads == 3
    epochs = site.epochs("main")
    assert [point["train_loss"] for point in epochs] == [1.5, 2.5, 3.5]
    assert {point["lr"] for point in epochs} == {0.01}
    job = site.jobs()["main"]
    assert job["metrics"]["accuracy"] == 0.9
    assert (job["status"], job["model"]) == ("done", "net")


def test_a_crash_is_a_failure(site):
    with pytest.raises(ZeroDivisionError), TrainingLoop(site.project, n_epochs=3, stop_polling=False) as loop:
        for _ in loop.epochs():
            1 / 0  # noqa: B018
    assert site.batch()["status"] == "failed"
    assert "ZeroDivisionError" in site.jobs()["main"]["error"]


def test_a_stop_on_the_server_ends_the_loop(site):
    loop = TrainingLoop(site.project, stop_polling=False)
    with loop:
        seen = []
        for epoch in loop.epochs():
            seen.append(epoch)
            if epoch == 2:
                # What the poller of the reporter sees once somebody clicked Stop.
                loop.reporter = _Stopped(loop.reporter)
    assert seen == [0, 1, 2]


class _Stopped:
    stopped = True

    def __init__(self, reporter):
        self._reporter = reporter

    def __getattr__(self, name):
        return getattr(self._reporter, name)

    def __exit__(self, *error):
        return self._reporter.__exit__(*error)
