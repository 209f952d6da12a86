//! A lab's quarter: 90 batches of 100 jobs and one of 1,000, 100 epochs each, through ingest.

use crate::Outcome;
use crate::client::Client;
use crate::server::Process;
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The batch of 1,000 jobs; it runs.
pub const LARGEST: &str = "scale-big";
/// Project of everything.
pub const PROJECT: &str = "scale";
/// Batches of 100 jobs.
const BATCHES: usize = 90;
/// The newest of them still run.
const RUNNING: usize = 5;
/// Epochs of a job.
const EPOCHS: usize = 100;
/// Jobs of one request, so that it has at most 500 events.
const JOBS_PER_POST: usize = 4;
/// Connections.
const SEEDERS: usize = 8;
const HOUR_MS: i64 = 3_600_000;

/// Id of an ordinary batch.
pub fn batch_id(number: usize) -> String {
    format!("scale-{number:03}")
}

/// Id of a job.
pub fn job_id(number: usize) -> String {
    format!("job-{number:04}")
}

#[derive(Clone)]
struct Batch {
    number: usize,
    id: String,
    jobs: usize,
    runs: bool,
    start: Timestamp,
}

fn batches() -> Vec<Batch> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64);
    let mut all: Vec<Batch> = (0..BATCHES)
        .map(|number| Batch {
            number,
            id: batch_id(number),
            jobs: 100,
            runs: number >= BATCHES - RUNNING,
            start: Timestamp(now - (BATCHES - number) as i64 * 12 * HOUR_MS),
        })
        .collect();
    all.push(Batch {
        number: BATCHES,
        id: LARGEST.to_owned(),
        jobs: 1000,
        runs: true,
        start: Timestamp(now - HOUR_MS),
    });
    all
}

impl Batch {
    fn event(
        &self,
        kind: &str,
        job: Option<&str>,
        serial: usize,
        secs: usize,
        data: Value,
    ) -> Value {
        let job_part = job.unwrap_or("-");
        json!({
            "event_id": format!("{kind}-{}-{job_part}-{serial}", self.number),
            "schema_version": "1.1", "event_type": kind, "batch_id": self.id, "job_id": job,
            "timestamp": self.start.plus_secs(secs as i64).to_text(),
            "source": {"project": PROJECT, "host": format!("gpu-{}", self.number % 8), "user": "bench",
                "commit": "8ae3f1c", "command": "python train.py --sweep forecast.yaml"},
            "data": data,
        })
    }

    fn begin(&self) -> Value {
        let data = json!({"experiment_type": "forecast", "n_total_jobs": self.jobs});
        self.event("batch_start", None, 0, 0, data)
    }

    fn end(&self) -> Value {
        self.event(
            "batch_done",
            None,
            0,
            self.jobs * 60 + EPOCHS * 30,
            json!({}),
        )
    }

    /// Everything `number` of its jobs reports. In a batch that runs the last ones do not end.
    fn job(&self, number: usize) -> Vec<Value> {
        let (id, begun) = (job_id(number), number * 60);
        let seed = self.number * 1000 + number;
        let event = |kind, serial: usize, at, data| self.event(kind, Some(&id), serial, at, data);
        let mut data = json!({"model": format!("model-{}", seed % 13), "dataset": format!("set-{}", seed % 7),
            "epochs": EPOCHS, "tags": [format!("fold{}", seed % 5)], "seed": seed});
        if self.number.is_multiple_of(5) {
            data["optuna"] = json!({"study_name": format!("study-{}", self.number % 6), "trial_number": seed,
                "direction": "minimize", "sampler": "TPESampler", "target_metric": "MSE",
                "params": {"lr": six(0.01 * noise(seed)), "layers": seed % 6, "dropout": six(0.5 * noise(seed + 1))}});
        }
        let mut events = vec![event("job_start", 0, begun, data)];
        for epoch in 0..EPOCHS {
            let loss = (1.0 + noise(seed * 31 + epoch)) / (epoch as f64 + 2.0);
            let data = json!({"epoch": epoch, "train_loss": six(loss), "val_loss": six(loss * 1.1),
                "lr": 0.001, "val_mse": six(loss * loss)});
            events.push(event("job_epoch", epoch, begun + epoch * 30, data));
        }
        for line in 0..3 {
            let data = json!({"line": format!("step {line}: loss {:.6}, checkpoint saved", noise(seed + line)), "level": "info"});
            events.push(event("log_line", line, begun + line * 60, data));
        }
        for shot in 0..2 {
            let data = json!({"gpu_util_pct": six(100.0 * noise(seed + shot)), "gpu_mem_mb": 12_000.0, "gpu_mem_total_mb": 24_576.0,
                "cpu_util_pct": 41.5, "ram_mb": 31_000.0, "ram_total_mb": 128_000.0, "disk_free_mb": 512_000.0, "gpu_temp_c": 66.0});
            events.push(event("resource_snapshot", shot, begun + shot * 30, data));
        }
        let end = begun + EPOCHS * 30;
        if seed % 20 == 7 {
            let data = json!({"error": "CUDA out of memory", "elapsed_s": EPOCHS * 30});
            events.push(event("job_failed", 0, end, data));
        } else if !self.runs || number + 8 < self.jobs {
            events.push(event("job_done", 0, end, done(seed)));
        }
        events
    }
}

/// What a job ends with.
fn done(seed: usize) -> Value {
    let metric = |n| six(noise(seed * 7 + n));
    json!({"status": "done", "elapsed_s": EPOCHS * 30, "metrics": {"MSE": metric(0), "MAE": metric(1), "RMSE": metric(2),
        "MAPE": metric(3), "R2": metric(4), "train_epochs": EPOCHS}})
}

/// A change of the largest batch that tables show; `serial` tells one from another.
pub fn change(serial: u64) -> Value {
    let batch = batches().pop();
    let seed = serial as usize;
    let event = |batch: Batch| batch.event("job_done", Some(&job_id(0)), seed, 3600, done(seed));
    batch.map_or(Value::Null, event)
}

/// A number from 0 to 1 that looks random and is the same every time.
fn noise(n: usize) -> f64 {
    let mixed = (n as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 40) as f64 / (1u64 << 24) as f64
}

fn six(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Fills the server as the owner of `session`.
pub async fn run(server: &Process, session: &str) -> Outcome<()> {
    let token = server.token(session).await?;
    let mut owner = Client::connect(&server.host, session).await?;
    let project = json!({"slug": PROJECT, "primary_metric": "MSE"});
    owner.post("/api/projects", &project).await?;
    let batches: Arc<[Batch]> = batches().into();
    let mut reporter = Client::connect(&server.host, &token).await?;
    for batch in batches.iter() {
        reporter.post("/api/events", &batch.begin()).await?;
    }
    // The same part of every batch, then the next, so that connections meet different ones.
    let mut posts: Vec<(usize, usize)> = Vec::new();
    for (at, batch) in batches.iter().enumerate() {
        posts.extend((0..batch.jobs).step_by(JOBS_PER_POST).map(|job| (job, at)));
    }
    posts.sort_unstable();
    let (posts, begun): (Arc<[_]>, _) = (posts.into(), Instant::now());
    let (next, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..SEEDERS {
        let mut client = Client::connect(&server.host, &token).await?;
        let (batches, posts) = (Arc::clone(&batches), Arc::clone(&posts));
        let (next, sent) = (Arc::clone(&next), Arc::clone(&sent));
        tasks.push(tokio::spawn(async move {
            while let Some((job, at)) = posts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let batch = &batches[*at];
                let jobs = *job..(job + JOBS_PER_POST).min(batch.jobs);
                let events: Vec<Value> = jobs.flat_map(|job| batch.job(job)).collect();
                let all = events.len();
                let answer = client
                    .post("/api/events/batch", &json!({"events": events}))
                    .await?;
                if answer["accepted"] != json!(all) {
                    return Err(format!("refused while seeding: {answer}").into());
                }
                let sent = sent.fetch_add(all, Ordering::Relaxed);
                eprint!("\rseeded {:>5} k events", sent / 1000);
            }
            Outcome::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    for batch in batches.iter().filter(|batch| !batch.runs) {
        reporter.post("/api/events", &batch.end()).await?;
    }
    let sent = sent.load(Ordering::Relaxed);
    let took = begun.elapsed().as_secs_f64();
    eprintln!("\rseeded {sent} events in {took:.1} s");
    mark(&mut owner, &mut reporter).await
}

/// What people add: pins, stars, names, labels, files.
async fn mark(owner: &mut Client, reporter: &mut Client) -> Outcome<()> {
    for number in 0..4 {
        let pin = json!({"batch_id": batch_id(number)});
        owner.post("/api/pins", &pin).await?;
    }
    for number in 0..20 {
        let star = json!({"target_type": "batch", "target_id": batch_id(number)});
        owner.post("/api/stars", &star).await?;
        let path = format!("/api/batches/{}", batch_id(number * 4));
        let edit = json!({"name": format!("sweep {number}"), "tags": ["sweep", "paper"]});
        owner.patch(&path, &edit).await?;
        let path = format!("/api/jobs/{}/artifacts?batch_id={LARGEST}", job_id(0));
        let name = format!("figure-{number}.txt");
        reporter.post_file(&path, &name, "a small file").await?;
    }
    let star = json!({"target_type": "project", "target_id": PROJECT});
    owner.post("/api/stars", &star).await?;
    Ok(())
}
