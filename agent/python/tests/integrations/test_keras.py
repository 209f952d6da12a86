"""The Keras adapter with the real Keras on any backend that is installed."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
pytest.importorskip("jax", reason="no backend of Keras is installed")
keras = pytest.importorskip("keras", reason="Keras is not installed")

import numpy  # noqa: E402

from argus.integrations.keras import ArgusCallback  # noqa: E402


def fit(*callbacks):
    random = numpy.random.default_rng(0)
    x = random.normal(size=(64, 4))
    y = x @ [1.0, -1.0, 0.5, 2.0]
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)], name="tiny")
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse", metrics=["mae"])
    model.fit(x, y, epochs=3, validation_split=0.25, verbose=0, callbacks=list(callbacks))


def test_epochs_have_losses_metrics_and_the_learning_rate(site):
    fit(ArgusCallback(site.project, stop_polling=False))
    epochs = site.epochs("main")
    assert [point["epoch"] for point in epochs] == [0, 1, 2]
    assert all(point["train_loss"] > 0 and point["val_loss"] > 0 for point in epochs)
    assert epochs[0]["lr"] == pytest.approx(0.01)
    job = site.jobs()["main"]
    assert (job["status"], job["model"]) == ("done", "tiny")
    assert {"loss", "val_loss", "mae", "val_mae"} <= set(job["metrics"])
    assert job["n_params"] == 19


def test_a_crash_is_a_failure(site):
    class Breaks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("disk is gone")

    with pytest.raises(RuntimeError), ArgusCallback(site.project, stop_polling=False) as argus:
        fit(argus, Breaks())
    assert site.batch()["status"] == "failed"
    assert "disk is gone" in site.jobs()["main"]["error"]
