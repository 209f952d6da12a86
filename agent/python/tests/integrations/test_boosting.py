"""The XGBoost and LightGBM adapters with the real libraries."""

import pytest

numpy = pytest.importorskip("numpy", reason="NumPy is not installed")


@pytest.fixture
def data():
    random = numpy.random.default_rng(0)
    x = random.normal(size=(200, 3))
    return x, x @ [1.0, -2.0, 0.5] + random.normal(size=200) / 10


def check(site, train_key, val_key, rounds):
    job = site.jobs()["main"]
    assert job["status"] == "done"
    epochs = site.epochs("main")
    assert [point["epoch"] for point in epochs] == list(range(rounds))
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"]
    assert epochs[-1]["train_loss"] == pytest.approx(job["metrics"][train_key])
    assert epochs[-1]["val_loss"] == pytest.approx(job["metrics"][val_key])
    assert job["extra"]["params"]["max_depth"] == 2


def test_xgboost(site, data):
    xgboost = pytest.importorskip("xgboost", reason="XGBoost is not installed")
    from argus.integrations.xgboost import ArgusCallback

    x, y = data
    train, val = xgboost.DMatrix(x[:150], y[:150]), xgboost.DMatrix(x[150:], y[150:])
    params = {"max_depth": 2, "eta": 0.3}
    argus = ArgusCallback(site.project, params=params, stop_polling=False)
    xgboost.train(
        params, train, 7, evals=[(train, "train"), (val, "eval")], callbacks=[argus], verbose_eval=False
    )
    check(site, "train-rmse", "eval-rmse", 7)


def test_xgboost_reports_a_crash(site, data):
    xgboost = pytest.importorskip("xgboost", reason="XGBoost is not installed")
    from argus.integrations.xgboost import ArgusCallback

    class Breaks(xgboost.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            if epoch == 2:
                raise RuntimeError("disk is gone")
            return False

    x, y = data
    train = xgboost.DMatrix(x, y)
    with pytest.raises(RuntimeError), ArgusCallback(site.project, stop_polling=False) as argus:
        xgboost.train({}, train, 7, evals=[(train, "train")], callbacks=[argus, Breaks()], verbose_eval=False)
    assert site.batch()["status"] == "failed"
    assert "disk is gone" in site.jobs()["main"]["error"]


def test_lightgbm(site, data):
    lightgbm = pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    from argus.integrations.lightgbm import ArgusCallback

    x, y = data
    train = lightgbm.Dataset(x[:150], y[:150])
    val = lightgbm.Dataset(x[150:], y[150:], reference=train)
    params = {"max_depth": 2, "objective": "l2", "verbose": -1, "min_data_in_leaf": 5}
    argus = ArgusCallback(site.project, stop_polling=False)
    lightgbm.train(
        params, train, 6, valid_sets=[train, val], valid_names=["training", "valid"], callbacks=[argus]
    )
    check(site, "training-l2", "valid-l2", 6)


def test_lightgbm_stopping_early_is_an_end(site, data):
    lightgbm = pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    from argus.integrations.lightgbm import ArgusCallback

    x, _ = data
    noise = numpy.random.default_rng(1).normal(size=200)
    train = lightgbm.Dataset(x[:100], noise[:100])
    val = lightgbm.Dataset(x[100:], noise[100:], reference=train)
    params = {"objective": "l2", "verbose": -1, "learning_rate": 0.5}
    with ArgusCallback(site.project, stop_polling=False) as argus:
        model = lightgbm.train(
            params, train, 200, valid_sets=[val], callbacks=[argus, lightgbm.early_stopping(3, verbose=False)]
        )
    assert site.batch()["status"] == "done"
    assert len(site.epochs("main")) == model.best_iteration + 3
