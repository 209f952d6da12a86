//! What happens in the sample data: a benchmark of twelve models on five data sets, six hours old.

use super::dice::Dice;
use domain::project::DEMO;
use domain::time::Timestamp;
use serde_json::{Value, json};
use wire::envelope::SCHEMA_VERSION;

/// The batch.
pub const BATCH: &str = "demo-bench-001";
const HOST: &str = "demo-host-a100";
const SEED: u64 = 42;

const MODELS: [&str; 12] = [
    "DLinear",
    "PatchTST",
    "iTransformer",
    "TimesNet",
    "Informer",
    "Autoformer",
    "FEDformer",
    "NBEATS",
    "NHITS",
    "TFT",
    "LSTM",
    "TCN",
];
const DATASETS: [&str; 5] = ["ETTh1", "ETTm1", "Weather", "Electricity", "Traffic"];
const JOBS: usize = MODELS.len() * DATASETS.len();

/// Seconds since the batch began.
const AGE: i64 = 6 * 3600;
/// Jobs at work side by side; as many are still running.
const LANES: usize = 10;
/// Seconds between the starts of the jobs of a lane.
const ROUND: i64 = 4200;
const EPOCHS: i64 = 30;
/// Jobs that failed.
const FAILED: [usize; 2] = [17, 38];
/// Epochs the failed ones saw.
const FAILED_AFTER: i64 = 12;
const SNAPSHOTS: i64 = 100;
const SNAPSHOT_SECS: i64 = 30;
const LOG_LINES: i64 = 30;

/// Every event with its time, oldest first.
pub fn events(now: Timestamp) -> Vec<Value> {
    let mut script = Script {
        begin: now.plus_secs(-AGE),
        dice: Dice::new(SEED),
        events: vec![],
    };
    let command = "python bench.py --models all --datasets all";
    let data = json!({"experiment_type": "forecast", "n_total_jobs": JOBS, "command": command});
    script.add(0, "batch_start", None, data);
    for index in 0..JOBS {
        script.job(index);
    }
    script.snapshots();
    script.log();
    script.events.sort_by_key(|(second, _)| *second);
    script.events.into_iter().map(|(_, event)| event).collect()
}

struct Script {
    begin: Timestamp,
    dice: Dice,
    /// Seconds since the begin, and the event.
    events: Vec<(i64, Value)>,
}

impl Script {
    fn add(&mut self, second: i64, kind: &str, job: Option<&str>, data: Value) {
        let number = self.events.len();
        let event = json!({
            "event_id": format!("demo-event-{number:06}"),
            "schema_version": SCHEMA_VERSION,
            "event_type": kind,
            "timestamp": self.begin.plus_secs(second).to_text(),
            "batch_id": BATCH,
            "job_id": job,
            "source": {"project": DEMO, "host": HOST, "user": "demo"},
            "data": data,
        });
        self.events.push((second, event));
    }

    /// A job: those of the last round still run, two failed, the others are done.
    fn job(&mut self, index: usize) {
        let (model, dataset) = (index / DATASETS.len(), index % DATASETS.len());
        let (lane, round) = ((index % LANES) as i64, (index / LANES) as i64);
        let id = format!("{}__{}", MODELS[model], DATASETS[dataset]);
        let runs = index >= JOBS - LANES;
        let fails = FAILED.contains(&index);
        // Lanes begin one after the other, and the last round early enough to show curves.
        let start = round * ROUND + lane * 20 - if runs { 1200 } else { 0 };
        let pace = self.dice.between(85.0, 95.0);
        let epochs = match (runs, fails) {
            (true, _) => 8 + lane,
            (_, true) => FAILED_AFTER,
            _ => EPOCHS,
        };
        let start_data = json!({"model": MODELS[model], "dataset": DATASETS[dataset]});
        self.add(start, "job_start", Some(&id), start_data);
        let floor = 0.18 + 0.015 * model as f64 + 0.05 * dataset as f64;
        let mut val_loss = 0.0;
        for epoch in 1..=epochs {
            let decay = (-(epoch as f64) / 7.0).exp();
            let noise = self.dice.between(-0.012, 0.012);
            let train_loss = floor * 0.9 + 0.8 * decay + noise;
            val_loss = floor + 0.85 * decay + self.dice.between(-0.02, 0.02);
            let lr = 1e-3 * 0.5_f64.powi((epoch / 10) as i32);
            let data = json!({"epoch": epoch, "train_loss": short(train_loss),
                "val_loss": short(val_loss), "lr": lr, "epochs_total": EPOCHS});
            self.add(
                start + (epoch as f64 * pace) as i64,
                "job_epoch",
                Some(&id),
                data,
            );
        }
        let end = start + (epochs as f64 * pace) as i64 + 5;
        match (runs, fails) {
            (true, _) => {}
            (_, true) => {
                let data = json!({"error": "CUDA out of memory", "elapsed_s": end - start});
                self.add(end, "job_failed", Some(&id), data);
            }
            _ => {
                let mse = val_loss * self.dice.between(0.97, 1.03);
                let metrics = json!({"MSE": short(mse), "MAE": short(mse.sqrt() * 0.62),
                    "RMSE": short(mse.sqrt()), "R2": short(1.0 - mse)});
                let data = json!({"status": "done", "elapsed_s": end - start,
                    "train_epochs": epochs, "metrics": metrics});
                self.add(end, "job_done", Some(&id), data);
            }
        }
    }

    fn snapshots(&mut self) {
        for number in 0..SNAPSHOTS {
            let second = AGE - (SNAPSHOTS - 1 - number) * SNAPSHOT_SECS;
            let wave = (number as f64 / 8.0).sin();
            let data = json!({
                "gpu_util_pct": short(86.0 + 8.0 * wave + self.dice.between(-3.0, 3.0)),
                "gpu_mem_mb": short(61_000.0 + 2_000.0 * wave),
                "gpu_mem_total_mb": 81_920.0,
                "gpu_temp_c": short(66.0 + 4.0 * wave + self.dice.between(-1.0, 1.0)),
                "cpu_util_pct": short(38.0 + 9.0 * wave + self.dice.between(-4.0, 4.0)),
                "ram_mb": short(118_000.0 + 6_000.0 * wave),
                "ram_total_mb": 515_000.0,
                "disk_free_mb": 1_480_000.0 - 40.0 * number as f64,
                "disk_total_mb": 3_800_000.0,
            });
            self.add(second, "resource_snapshot", None, data);
        }
    }

    /// Lines of the jobs that run.
    fn log(&mut self) {
        for number in 0..LOG_LINES {
            let index = JOBS - LANES + (number as usize % LANES);
            let (model, dataset) = (index / DATASETS.len(), index % DATASETS.len());
            let id = format!("{}__{}", MODELS[model], DATASETS[dataset]);
            let second = AGE - (LOG_LINES - number) * 20;
            let (level, line) = match number % 6 {
                5 => ("warning", "data loader waited 0.4 s for a batch".to_owned()),
                4 => ("info", "checkpoint saved".to_owned()),
                _ => (
                    "info",
                    format!(
                        "step {}: loss {:.4}",
                        200 * (number + 1),
                        0.42 - 0.005 * number as f64
                    ),
                ),
            };
            let data = json!({"level": level, "line": line});
            self.add(second, "log_line", Some(&id), data);
        }
    }
}

/// Four decimals.
fn short(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
