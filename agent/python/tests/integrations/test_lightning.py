"""The Lightning adapter with the real Lightning, where it is installed."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: its wheel brings gigabytes")
lightning = pytest.importorskip("lightning", reason="Lightning is not installed")

from argus.integrations.lightning import ArgusCallback  # noqa: E402


class Net(lightning.LightningModule):
    def __init__(self, lr=0.1, breaks=False):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, _):
        loss = self.layer(batch[0]).square().mean()
        self.log("train_loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, _):
        if self.hparams.breaks and self.current_epoch == 1 and not self.trainer.sanity_checking:
            raise RuntimeError("disk is gone")
        self.log("val_loss", self.layer(batch[0]).square().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


def fit(net, callback, **options):
    data = torch.utils.data.TensorDataset(torch.randn(32, 4))
    loader = torch.utils.data.DataLoader(data, batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=4, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[callback], **options,
    )
    trainer.fit(net, loader, loader)


def test_one_event_per_epoch_with_validation_where_there_was_one(site):
    fit(Net(), ArgusCallback(site.project, stop_polling=False), check_val_every_n_epoch=2)
    epochs = site.epochs("main")
    assert [point["epoch"] for point in epochs] == [0, 1, 2, 3]
    assert [point["val_loss"] is not None for point in epochs] == [False, True, False, True]
    assert all(point["train_loss"] is not None for point in epochs)
    assert epochs[0]["lr"] == pytest.approx(0.1)
    job = site.jobs()["main"]
    assert (job["status"], job["model"], job["n_params"]) == ("done", "Net", 5)
    assert job["extra"]["params"]["lr"] == 0.1
    assert set(job["metrics"]) == {"train_loss", "val_loss", "n_params"}


def test_a_crash_is_a_failure(site):
    with pytest.raises(RuntimeError):
        fit(Net(breaks=True), ArgusCallback(site.project, stop_polling=False))
    assert site.batch()["status"] == "failed"
    assert "disk is gone" in site.jobs()["main"]["error"]
