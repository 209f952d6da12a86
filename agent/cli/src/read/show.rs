//! `argus show`.

use super::cell;
use crate::api::escaped;
use crate::args::Show;
use crate::console::{Console, table};
use crate::fault::Fault;
use crate::moment::span;
use crate::settings::Settings;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Epochs printed of a job.
const EPOCHS: usize = 10;
/// Metrics printed as columns.
const COLUMNS: usize = 8;

/// Prints a run with its jobs, or a job with its last epochs.
pub fn show(settings: &Settings, console: &Console, wish: &Show) -> Result<(), Fault> {
    let api = settings.api()?;
    let batch = escaped(&wish.batch);
    match &wish.job {
        None => {
            let run = api.get(&format!("/api/batches/{batch}"), &[])?;
            let jobs = api.get(&format!("/api/batches/{batch}/jobs"), &[])?;
            let both = json!({"batch": run, "jobs": jobs});
            console.answer(&both, || run_text(console, &both))
        }
        Some(job) => {
            let path = format!("/api/jobs/{batch}/{}", escaped(job));
            let job = api.get(&path, &[])?;
            let epochs = api.get(&format!("{path}/epochs"), &[])?;
            let both = json!({"job": job, "epochs": epochs});
            console.answer(&both, || job_text(console, &both))
        }
    }
}

fn facts(of: &Value, keys: &[&str]) -> String {
    let width = keys.iter().map(|key| key.len()).max().unwrap_or(0);
    let said = keys.iter().filter_map(|key| {
        let text = match &of[*key] {
            Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
            value => cell(value),
        };
        (!text.is_empty()).then(|| format!("{key:width$}  {text}"))
    });
    said.collect::<Vec<_>>().join("\n")
}

fn run_text(console: &Console, both: &Value) -> String {
    let keys = [
        "id",
        "name",
        "project",
        "status",
        "stop_reason",
        "error",
        "user",
        "host",
        "command",
        "tags",
        "start_time",
        "end_time",
        "notes",
    ];
    let jobs = both["jobs"].as_array().into_iter().flatten();
    let rows: Vec<Vec<String>> = jobs
        .map(|job| {
            let metrics = job["metrics"].as_object().into_iter().flatten();
            let metrics = metrics.map(|(key, value)| format!("{key}={}", cell(value)));
            vec![
                cell(&job["id"]),
                console.status(job["status"].as_str().unwrap_or("")),
                cell(&job["model"]),
                cell(&job["dataset"]),
                cell(&job["last_epoch"]),
                job["elapsed_s"].as_i64().map_or_else(String::new, span),
                metrics.take(COLUMNS).collect::<Vec<_>>().join(" "),
            ]
        })
        .collect();
    let jobs = table(
        &[
            "JOB", "STATUS", "MODEL", "DATASET", "EPOCH", "TOOK", "METRICS",
        ],
        &rows,
    );
    format!("{}\n\n{jobs}", facts(&both["batch"], &keys))
}

fn job_text(console: &Console, both: &Value) -> String {
    let job = &both["job"];
    let keys = [
        "id",
        "batch_id",
        "status",
        "error",
        "model",
        "dataset",
        "tags",
        "metrics",
        "start_time",
        "end_time",
    ];
    let none = Vec::new();
    let epochs = both["epochs"].as_array().unwrap_or(&none);
    let last = &epochs[epochs.len().saturating_sub(EPOCHS)..];
    let named: BTreeSet<&str> = last
        .iter()
        .filter_map(Value::as_object)
        .flatten()
        .filter(|(key, value)| value.is_number() && !["epoch", "id"].contains(&key.as_str()))
        .map(|(key, _)| key.as_str())
        .collect();
    let columns: Vec<&str> = std::iter::once("epoch")
        .chain(named.into_iter().take(COLUMNS))
        .collect();
    let rows = last
        .iter()
        .map(|epoch| columns.iter().map(|key| cell(&epoch[*key])).collect());
    let rows: Vec<Vec<String>> = rows.collect();
    let _ = console;
    format!("{}\n\n{}", facts(job, &keys), table(&columns, &rows))
}
