"""The Optuna adapter with the real Optuna, and what the page of studies makes of it."""

import pytest

optuna = pytest.importorskip("optuna", reason="Optuna is not installed")

from argus.integrations.optuna import ArgusCallback  # noqa: E402


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def test_trials_feed_the_page_of_studies(site):
    def objective(trial):
        x = trial.suggest_float("x", -2, 2)
        kind = trial.suggest_categorical("kind", ["a", "b"])
        for step in range(3):
            trial.report(x * x + step, step)
        if trial.number == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            raise ValueError("no such luck")
        return x * x + (kind == "b")

    name = f"study-{site.project}"
    study = optuna.create_study(study_name=name, sampler=optuna.samplers.TPESampler(seed=1))
    with ArgusCallback(site.project, metric_name="mse", n_trials=6, stop_polling=False) as argus:
        study.optimize(objective, n_trials=6, callbacks=[argus], catch=[ValueError])

    jobs = site.jobs()
    assert sorted(jobs) == [f"trial-{n}" for n in range(6)]
    shown = site.get(f"/api/studies/{name}")
    assert shown["n_trials"] == 6
    assert shown["n_failed"] == 1
    assert shown["direction"] == "minimize"
    assert shown["sampler"] == "TPESampler"
    assert shown["best_metric"] == "mse"
    assert shown["best_value"] == pytest.approx(study.best_value)
    assert shown["param_keys"] == ["kind", "x"]
    best = shown["trials"][0]
    assert best["trial_id"] == study.best_trial.number
    assert best["params"] == pytest.approx(study.best_params) or best["params"] == study.best_params
    assert jobs["trial-1"]["status"] == "pruned"
    assert jobs["trial-2"]["status"] == "failed"
    assert "objective raised" in jobs["trial-2"]["error"]
    assert [point["epoch"] for point in site.epochs("trial-0")] == [0, 1, 2]


def test_several_objectives_and_threads(site):
    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        return x, 1 - x

    study = optuna.create_study(study_name=f"two-{site.project}", directions=["maximize", "minimize"])
    with ArgusCallback(site.project, metric_name=["gain", "cost"], stop_polling=False) as argus:
        study.optimize(objective, n_trials=8, n_jobs=4, callbacks=[argus])
    jobs = site.jobs()
    assert len(jobs) == 8
    assert set(jobs["trial-3"]["metrics"]) == {"gain", "cost"}
    shown = site.get(f"/api/studies/two-{site.project}")
    assert (shown["direction"], shown["best_metric"]) == ("maximize", "gain")
