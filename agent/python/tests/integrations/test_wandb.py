"""``import argus.wandb as wandb`` in scripts as people write them for that client."""

import subprocess
import sys

import pytest

from argus import wandb


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    wandb.finish()


def test_a_script_that_logs_and_finishes(site):
    run = wandb.init(project=site.project, name="first", config={"lr": 0.1, "model": "cnn"}, tags=["a"], group="g")
    assert wandb.run is run
    wandb.config.update({"depth": 3})
    wandb.config.width = 8
    for step in range(4):
        wandb.log({"loss": 1 / (step + 1), "nested": {"acc": step / 4}, "text": "no number"})
    wandb.summary["best"] = 7
    wandb.alert("Look", "at this", level=wandb.AlertLevel.WARN)
    wandb.finish()
    assert wandb.run is None

    job = site.jobs()["main"]
    assert job["status"] == "done"
    assert job["model"] == "cnn"
    assert job["extra"]["params"] == {"lr": 0.1, "model": "cnn", "depth": 3, "width": 8}
    assert job["tags"] == ["a", "group:g"]
    assert job["metrics"] == {"loss": 0.25, "nested.acc": 0.75, "best": 7}
    epochs = site.epochs("main")
    assert [(point["epoch"], point["train_loss"]) for point in epochs] == [(0, 1.0), (1, 0.5), (2, 1 / 3), (3, 0.25)]
    lines = site.get(f"/api/batches/{run.id}/log-lines?level=warning")
    assert [line["line"] for line in lines] == ["Look: at this"]


def test_steps_are_joined_until_they_are_committed(site):
    with wandb.init(project=site.project) as run:
        run.define_metric("acc", summary="max")
        run.log({"loss": 1.0}, commit=False)
        run.log({"acc": 0.9})
        run.log({"loss": 0.5}, step=5)
        run.log({"acc": 0.6}, step=5)
        run.log({"loss": 0.1}, step=6)
    epochs = [(point["epoch"], point["train_loss"]) for point in site.epochs("main")]
    assert epochs == [(0, 1.0), (5, 0.5), (6, 0.1)]
    assert site.jobs()["main"]["metrics"] == {"loss": 0.1, "acc": 0.9}


def test_pictures_become_artifacts(site, tmp_path):
    picture = tmp_path / "plot.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 32)
    with wandb.init(project=site.project) as run:
        run.log({"loss": 1.0})
        # The upload asks the server itself: it must know the job by then.
        site.server.until(f"/api/batches/{run.id}/jobs", site.session, lambda jobs: len(jobs) == 1)
        run.log({"chart": wandb.Image(str(picture), caption="x")})
        wandb.save(str(tmp_path / "*.png"))
    names = [a["filename"] for a in site.get(f"/api/batches/{run.id}/artifacts")] + [
        a["filename"] for a in site.get("/api/jobs/main/artifacts")
    ]
    assert names.count("plot.png") >= 1


def test_a_script_that_crashes_or_forgets_to_finish(site, tmp_path):
    def execute(ending):
        script = f"import argus.wandb as wandb\nwandb.init(project={site.project!r})\nwandb.log({{'loss': 1}})\n"
        ran = subprocess.run([sys.executable, "-c", script + ending], capture_output=True, text=True, timeout=60)
        return ran.returncode

    assert execute("raise ValueError('bad')") == 1
    batch = site.batch()
    assert (batch["status"], "ValueError: bad" in batch["error"]) == ("failed", True)


def test_what_is_not_covered_says_so():
    with pytest.raises(AttributeError, match="sweep"):
        wandb.sweep  # noqa: B018
    with pytest.raises(RuntimeError, match="init"):
        wandb.log({"a": 1})
