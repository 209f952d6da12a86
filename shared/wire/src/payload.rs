//! The `data` of each kind: which keys have a type, and what the rules read from them.

use crate::coerce::{Kind, coerce, stored_number};
use crate::error::Code;
use crate::gpus;
use crate::invalid::{Invalid, Reject};
use crate::tags;
use domain::event::{EventKind, Facts, JsonFields};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

type Data = Map<String, Value>;

/// Keys with a type, per kind. Everything else in `data` is free.
fn fields(kind: EventKind) -> &'static [(&'static str, Kind)] {
    use Kind::{Bool, Float, Integer, Object, Text, Texts};
    match kind {
        EventKind::BatchStart => &[
            ("experiment_type", Text),
            ("n_total_jobs", Integer),
            ("command", Text),
        ],
        EventKind::BatchDone => &[
            ("n_done", Integer),
            ("n_failed", Integer),
            ("total_elapsed_s", Float),
        ],
        EventKind::BatchFailed => &[("error", Text), ("n_done", Integer), ("n_failed", Integer)],
        EventKind::JobStart => &[
            ("model", Text),
            ("dataset", Text),
            ("config_digest", Text),
            ("run_dir", Text),
            ("tags", Texts),
        ],
        EventKind::JobEpoch => &[
            ("epoch", Integer),
            ("train_loss", Float),
            ("val_loss", Float),
            ("lr", Float),
        ],
        EventKind::JobDone => &[
            ("status", Text),
            ("elapsed_s", Float),
            ("train_epochs", Integer),
            ("metrics", Object),
            ("resources", Object),
        ],
        EventKind::JobFailed => &[("error", Text), ("elapsed_s", Float)],
        EventKind::ResourceSnapshot => &[
            ("gpu_util_pct", Float),
            ("gpu_mem_mb", Float),
            ("gpu_mem_total_mb", Float),
            ("gpu_temp_c", Float),
            ("cpu_util_pct", Float),
            ("ram_mb", Float),
            ("ram_total_mb", Float),
            ("disk_free_mb", Float),
            ("disk_total_mb", Float),
        ],
        EventKind::LogLine => &[("level", Text), ("message", Text)],
        EventKind::EnvSnapshot => &[
            ("git_sha", Text),
            ("git_branch", Text),
            ("git_dirty", Bool),
            ("python_version", Text),
            ("pip_freeze", Texts),
            ("hydra_config_digest", Text),
            ("hydra_config_content", Text),
            ("hostname", Text),
        ],
    }
}

/// Checks and normalises `data` in place, and reads the facts.
pub fn read(kind: EventKind, data: &mut Data) -> Result<Facts, Reject> {
    check_types(kind, data)?;
    Ok(match kind {
        EventKind::BatchStart => Facts::BatchStart {
            experiment_type: text(data, "experiment_type"),
            n_total: data.get("n_total_jobs").map(Value::as_i64),
            command: text(data, "command"),
        },
        EventKind::BatchDone => Facts::BatchDone {
            stopped: text(data, "status").is_some_and(|s| s.eq_ignore_ascii_case("stopped")),
        },
        EventKind::BatchFailed => Facts::BatchFailed {
            error: reason(data),
        },
        EventKind::JobStart => Facts::JobStart {
            model: text(data, "model"),
            dataset: text(data, "dataset"),
            tags: labels(data).unwrap_or_default(),
            extra: rest(data, &["model", "dataset", "tags"]),
        },
        EventKind::JobEpoch => Facts::JobEpoch {
            epoch: data.get("epoch").and_then(Value::as_i64).unwrap_or(0),
            train_loss: data.get("train_loss").and_then(stored_number),
            val_loss: data.get("val_loss").and_then(stored_number),
            lr: data.get("lr").and_then(stored_number),
        },
        EventKind::JobDone => Facts::JobDone {
            status: text(data, "status")
                .unwrap_or_else(|| "done".into())
                .to_lowercase(),
            elapsed_s: whole_seconds(data),
            metrics: data
                .get("metrics")
                .and_then(Value::as_object)
                .map(|m| rest(m, &[])),
        },
        EventKind::JobFailed => Facts::JobFailed {
            error: reason(data),
            elapsed_s: whole_seconds(data),
            extra: rest(data, &["elapsed_s", "error", "reason", "status"]),
        },
        EventKind::ResourceSnapshot => {
            gpus::fill_flat_gauges(data);
            Facts::ResourceSnapshot
        }
        EventKind::LogLine => Facts::LogLine {
            heartbeat: is_heartbeat(data),
        },
        EventKind::EnvSnapshot => Facts::EnvSnapshot,
    })
}

fn check_types(kind: EventKind, data: &mut Data) -> Result<(), Reject> {
    let mut list = Vec::new();
    for (name, field) in fields(kind) {
        let Some(value) = data.get_mut(*name).filter(|v| !v.is_null()) else {
            continue;
        };
        if let Err((rule, msg)) = coerce(*field, value) {
            list.push(Invalid::at(&[name], rule, msg, value.clone()));
        }
    }
    if kind == EventKind::JobEpoch && data.get("epoch").is_none_or(Value::is_null) {
        let rule = if data.contains_key("epoch") {
            "int_type"
        } else {
            "missing"
        };
        list.push(Invalid::at(&["epoch"], rule, "Field required", json!(data)));
    }
    if kind == EventKind::ResourceSnapshot {
        gpus::check(data, &mut list);
    }
    if kind == EventKind::JobStart && list.is_empty() {
        list.extend(labels(data).err());
    }
    match list.first() {
        None => Ok(()),
        Some(first) => {
            let name = |part: &Value| {
                part.as_str()
                    .map_or_else(|| part.to_string(), str::to_owned)
            };
            let name = first.loc.iter().map(name).collect::<Vec<_>>().join(".");
            let params = vec![name, first.msg.clone()];
            Err(Reject {
                code: Code::EventInvalid,
                params,
                list,
            })
        }
    }
}

fn text(data: &Data, key: &str) -> Option<String> {
    data.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The labels in `tags`, or why they cannot be kept.
fn labels(data: &Data) -> Result<BTreeSet<String>, Invalid> {
    let tags = data.get("tags").and_then(Value::as_array);
    let texts = tags.into_iter().flatten().filter_map(Value::as_str);
    tags::checked(texts.map(str::to_owned), &["tags"])
}

/// The public reporter says `reason` where the contract says `error`.
fn reason(data: &Data) -> Option<String> {
    text(data, "error").or_else(|| text(data, "reason"))
}

fn whole_seconds(data: &Data) -> Option<i64> {
    data.get("elapsed_s")
        .and_then(stored_number)
        .filter(|s| s.is_finite())
        .map(|s| s as i64)
}

fn rest(data: &Data, without: &[&str]) -> JsonFields {
    data.iter()
        .filter(|(key, _)| !without.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.to_string()))
        .collect()
}

/// The reporter's keep-alive is a debug line with exactly this text.
fn is_heartbeat(data: &Data) -> bool {
    data.get("line").and_then(Value::as_str) == Some("heartbeat") && data.contains_key("ts_unix")
}
