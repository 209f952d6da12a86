//! A run as the events that tell its story, with ids made of what they say.

use super::model::{Batch, Job, Outcome};
use super::names;
use crate::ids;
use crate::moment::Moment;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Longest line kept, characters.
const LINE_CHARS: usize = 8_000;

/// Events of the run in order. `tags` go to every job.
pub fn of(batch: &Batch, logs: bool, tags: &[String]) -> Vec<Value> {
    let (first, last) = batch.span();
    let teller = Teller { batch };
    let mut events = Vec::new();
    let start = json!({
        "experiment_type": batch.tracker,
        "n_total_jobs": batch.jobs.len(),
        "command": batch.command,
    });
    events.push(teller.event("batch_start", None, "", first, start));
    for job in &batch.jobs {
        teller.job(job, logs, tags, &mut events);
    }
    let count = |outcome| {
        batch
            .jobs
            .iter()
            .filter(|job| job.outcome == outcome)
            .count()
    };
    if count(Outcome::Running) == 0 {
        let failed = count(Outcome::Failed);
        let end = json!({
            "n_done": count(Outcome::Done),
            "n_failed": failed,
            "total_elapsed_s": (last.0 - first.0) as f64 / 1000.0,
        });
        // A run of one job ends as that job did; of several, a failure among them is none of the run.
        let error = batch.jobs.iter().find_map(|job| job.error.clone());
        events.push(match failed > 0 && failed == batch.jobs.len() {
            true => {
                let error = error.unwrap_or_else(|| "failed".to_owned());
                let end = json!({"error": error, "n_done": 0, "n_failed": failed});
                teller.event("batch_failed", None, "", last, end)
            }
            false => teller.event("batch_done", None, "", last, end),
        });
    }
    events
}

struct Teller<'a> {
    batch: &'a Batch,
}

impl Teller<'_> {
    fn event(&self, kind: &str, job: Option<&str>, key: &str, at: Moment, data: Value) -> Value {
        let batch = self.batch;
        let mut source = json!({"project": batch.project});
        for (name, value) in [
            ("host", &batch.host),
            ("user", &batch.user),
            ("commit", &batch.commit),
            ("command", &batch.command),
        ] {
            if let Some(value) = value {
                source[name] = value.clone().into();
            }
        }
        json!({
            "event_id": ids::stable(&[&batch.id, job.unwrap_or(""), kind, key]),
            "schema_version": "1.1",
            "event_type": kind,
            "timestamp": at.text(),
            "batch_id": batch.id,
            "job_id": job,
            "source": source,
            "data": data,
        })
    }

    fn job(&self, job: &Job, logs: bool, tags: &[String], events: &mut Vec<Value>) {
        let (first, last) = job.span();
        let id = Some(job.id.as_str());
        let mut start = Map::new();
        for (name, keys) in [
            ("model", ["model", "model_name", "arch", "architecture"]),
            ("dataset", ["dataset", "dataset_name", "data", "task"]),
        ] {
            let found = keys.iter().find_map(|key| job.params.get(*key)?.as_str());
            start.extend(found.map(|text| (name.to_owned(), text.into())));
        }
        if !job.params.is_empty() {
            start.insert("params".to_owned(), job.params.clone().into());
        }
        if !tags.is_empty() {
            start.insert("tags".to_owned(), tags.into());
        }
        start.insert("imported_from".to_owned(), self.batch.tracker.into());
        events.push(self.event("job_start", id, "", first, start.into()));
        let mut last_of: BTreeMap<String, f64> = BTreeMap::new();
        for (step, point) in &job.points {
            let mut data = Map::new();
            data.insert("epoch".to_owned(), (*step).into());
            for (name, value) in &point.values {
                let name = names::ours(name);
                let name = if name == "epoch" { "epoch_value" } else { name };
                data.insert(name.to_owned(), number(*value));
                last_of.insert(name.to_owned(), *value);
            }
            events.push(self.event("job_epoch", id, &step.to_string(), point.at, data.into()));
        }
        if logs {
            for (n, line) in job.lines.iter().enumerate() {
                let text: String = line.text.chars().take(LINE_CHARS).collect();
                let data = json!({"line": text, "level": line.level});
                let at = line.at.unwrap_or(last);
                events.push(self.event("log_line", id, &n.to_string(), at, data));
            }
        }
        let elapsed_s = (last.0 - first.0) as f64 / 1000.0;
        last_of.extend(job.summary.clone());
        match job.outcome {
            Outcome::Running => {}
            Outcome::Failed => {
                let error = job.error.clone().unwrap_or_else(|| "failed".to_owned());
                let data = json!({"status": "FAILED", "error": error, "elapsed_s": elapsed_s});
                events.push(self.event("job_failed", id, "", last, data));
            }
            Outcome::Done => {
                let metrics: Map<_, _> = last_of
                    .iter()
                    .map(|(k, v)| (k.clone(), number(*v)))
                    .collect();
                let data = json!({
                    "status": "DONE",
                    "elapsed_s": elapsed_s,
                    "train_epochs": job.points.keys().next_back().map_or(0, |step| step + 1),
                    "metrics": metrics,
                });
                events.push(self.event("job_done", id, "", last, data));
            }
        }
    }
}

/// A number, or the word for what JSON cannot say.
fn number(value: f64) -> Value {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity" } else { "-Infinity" }.into()
    } else {
        value.into()
    }
}
