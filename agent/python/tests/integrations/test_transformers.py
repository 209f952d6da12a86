"""The Transformers adapter with the real Trainer, where it is installed."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: its wheel brings gigabytes")
transformers = pytest.importorskip("transformers", reason="Transformers is not installed")
pytest.importorskip("accelerate", reason="the Trainer needs accelerate")

from argus.integrations.transformers import ArgusCallback  # noqa: E402


class Data(torch.utils.data.Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, at):
        ids = torch.arange(8) % 11 + at % 3
        return {"input_ids": ids, "labels": ids}


def trainer(callback, tmp_path):
    config = transformers.GPT2Config(vocab_size=16, n_positions=8, n_embd=8, n_layer=1, n_head=1)
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path / "out"), num_train_epochs=2, per_device_train_batch_size=4, logging_steps=2,
        eval_strategy="steps", eval_steps=4, report_to=[], use_cpu=True, disable_tqdm=True, save_strategy="no",
    )
    return transformers.Trainer(
        model=transformers.GPT2LMHeadModel(config), args=arguments, train_dataset=Data(), eval_dataset=Data(),
        callbacks=[callback],
    )


def test_steps_are_the_axis_and_evaluation_joins_its_step(site, tmp_path):
    trainer(ArgusCallback(site.project, stop_polling=False), tmp_path).train()
    epochs = site.epochs("main")
    assert [point["epoch"] for point in epochs] == [2, 4, 6, 8]
    assert [point["val_loss"] is not None for point in epochs] == [False, True, False, True]
    assert all(point["train_loss"] is not None and point["lr"] is not None for point in epochs)
    job = site.jobs()["main"]
    assert (job["status"], job["model"]) == ("done", "gpt2")
    assert "eval_loss" in job["metrics"]
    assert job["extra"]["params"]["per_device_train_batch_size"] == 4
