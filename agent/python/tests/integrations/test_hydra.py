"""The Hydra adapter in a real Hydra application, run as people run it."""

import subprocess
import sys

import pytest

pytest.importorskip("hydra", reason="Hydra is not installed")

APPLICATION = """
import hydra

@hydra.main(version_base=None, config_path=".", config_name="config")
def main(cfg):
    if cfg.lr > 0.5:
        raise ValueError("lr is too large")
    return {"loss": cfg.lr * 2}

main()
"""

CONFIG = """
lr: 0.1
model:
  name: mlp
dataset: digits
experiment_name: exp
hydra:
  callbacks:
    argus:
      _target_: argus.integrations.hydra.ArgusCallback
      project: PROJECT
      stop_polling: false
"""


@pytest.fixture
def application(site, tmp_path):
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "config.yaml").write_text(CONFIG.replace("PROJECT", site.project))

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "app.py", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )

    return run


def test_a_run_is_a_batch_with_its_configuration(site, application):
    ran = application("lr=0.25")
    assert ran.returncode == 0, ran.stderr
    job = site.jobs()["0"]
    assert job["status"] == "done"
    assert (job["model"], job["dataset"]) == ("mlp", "digits")
    assert job["metrics"] == {"loss": 0.5}
    assert job["extra"]["params"]["lr"] == 0.25
    assert job["extra"]["overrides"] == ["lr=0.25"]
    assert site.batch()["id"].startswith("exp-")


def test_a_multirun_is_one_batch(site, application):
    ran = application("--multirun", "lr=0.1,0.2,0.3")
    assert ran.returncode == 0, ran.stderr
    jobs = site.jobs()
    assert sorted(jobs) == ["0", "1", "2"]
    assert [jobs[n]["metrics"]["loss"] for n in "012"] == pytest.approx([0.2, 0.4, 0.6])
    assert site.batch()["status"] == "done"


def test_a_job_that_raises_is_a_failure(site, application):
    ran = application("lr=0.9")
    assert ran.returncode != 0
    assert "lr is too large" in site.jobs()["0"]["error"]
    assert site.batch()["status"] == "failed"
