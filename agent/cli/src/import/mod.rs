//! `argus import`: runs of other trackers, read from their files.
//!
//! Parsers know files and nothing of servers: each finds the runs below a path and reads one at a
//! time into [`model::Batch`]. [`events`] turns that into events whose ids are made of what they
//! say, so a second import repeats the first; [`deliver`] sends them.

mod crc32c;
mod deliver;
mod events;
mod journal;
mod mlflow;
mod model;
mod names;
#[cfg(feature = "neptune")]
mod neptune;
mod proto;
mod tensorboard;
mod walk;
mod wandb;

use crate::api::{Api, escaped};
use crate::args::{Import, Tracker};
use crate::console::{Console, table};
use crate::fault::{Exit, Fault};
use crate::ids;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::variables;
use deliver::Delivered;
use journal::Journal;
use model::Batch;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Labels a run may have.
const TAGS: usize = 32;
/// Longest part of a foreign id that is kept, characters.
const ID_CHARS: usize = 64;
/// Longest label, characters.
const TAG_CHARS: usize = 64;

/// What is looked for, where.
pub struct Asked {
    /// File or folder.
    pub path: PathBuf,
    /// Project instead of the one the files name.
    pub project: Option<String>,
}

/// A run that was found and is read when its turn comes.
pub type Load = Box<dyn FnOnce() -> Result<Batch, Fault>>;

/// Imports everything below the path.
pub fn import(settings: &Settings, console: &Console, wish: Import) -> Result<(), Fault> {
    let asked = Asked {
        path: wish.path.clone(),
        project: wish
            .project
            .clone()
            .or_else(|| variables::read(variables::PROJECT)),
    };
    let runs = match wish.tracker {
        Tracker::Tensorboard => tensorboard::find(&asked)?,
        Tracker::Wandb => wandb::find(&asked)?,
        Tracker::Mlflow => mlflow::find(&asked)?,
        #[cfg(feature = "neptune")]
        Tracker::Neptune => neptune::find(&asked)?,
        #[cfg(not(feature = "neptune"))]
        Tracker::Neptune => {
            return Err(Fault::failed("this program was built without Parquet"));
        }
    };
    let api = match wish.dry_run {
        true => None,
        false => Some(settings.api()?),
    };
    let owner = match &api {
        None => Value::Null,
        Some(api) => api.get("/api/auth/me", &[])?["id"].clone(),
    };
    let mut rows = Vec::new();
    let mut refused = 0;
    for (n, load) in runs.into_iter().enumerate() {
        let mut batch = load()?;
        batch.id = settled(&batch, &owner.to_string());
        for problem in &batch.damage {
            console.say(&format!(
                "argus: {problem}; what comes before it is imported"
            ));
        }
        let events = events::of(&batch, !wish.no_logs, &wish.tags);
        let label = format!("{} {}", n + 1, batch.name.as_deref().unwrap_or(&batch.id));
        let mut progress = Progress::new(&label, events.len() as u64, console.animates());
        let done = match &api {
            None => Delivered::default(),
            Some(api) => {
                let journal = Journal::of(&settings.found.dir, api.url(), &batch.id);
                let done = deliver::deliver(api, &journal, &events, &mut progress)?;
                describe(api, &batch, &wish.tags);
                done
            }
        };
        progress.finish();
        for reason in &done.reasons {
            console.say(&format!("argus: {}: refused: {reason}", batch.id));
        }
        refused += done.refused;
        rows.push(row(&batch, events.len(), &done));
    }
    let rows = Value::Array(rows);
    console.answer(&rows, || text(&rows, wish.dry_run))?;
    match refused {
        0 => Ok(()),
        n => Err(Fault::new(Exit::Failed, format!("{n} events were refused"))),
    }
}

/// The tracker's own id, made one that no colleague's import of the same files has, and that fits
/// into a path.
fn settled(batch: &Batch, owner: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let short: String = batch.id.chars().map(plain).take(ID_CHARS).collect();
    let mark = ids::stable(&[owner, &batch.project, &batch.id]);
    format!("{short}-{}", &mark[..8])
}

/// Name, labels and remarks. A server that knows none of them has the run all the same.
fn describe(api: &Api, batch: &Batch, tags: &[String]) {
    let clean = |tag: &String| {
        let tag = tag.replace(',', " ");
        tag.trim().chars().take(TAG_CHARS).collect::<String>()
    };
    let mut tags: Vec<String> = batch.tags.iter().chain(tags).map(clean).collect();
    tags.retain(|tag| !tag.is_empty());
    tags.push(format!("from:{}", batch.tracker));
    tags.dedup();
    tags.truncate(TAGS);
    let mut edit = json!({"tags": tags});
    for (key, value) in [("name", &batch.name), ("notes", &batch.notes)] {
        if let Some(value) = value {
            edit[key] = value.clone().into();
        }
    }
    let _ = api.patch(&format!("/api/batches/{}", escaped(&batch.id)), &edit);
}

fn row(batch: &Batch, events: usize, done: &Delivered) -> Value {
    let points: usize = batch.jobs.iter().map(|job| job.points.len()).sum();
    json!({
        "batch_id": batch.id,
        "name": batch.name,
        "project": batch.project,
        "jobs": batch.jobs.len(),
        "epochs": points,
        "events": events,
        "stored": done.stored,
        "already_there": done.known,
        "refused": done.refused,
    })
}

fn text(rows: &Value, dry_run: bool) -> String {
    let keys = [
        "batch_id",
        "name",
        "project",
        "jobs",
        "epochs",
        "events",
        "stored",
        "already_there",
    ];
    let keys = if dry_run { &keys[..6] } else { &keys[..] };
    let cells = |row: &Value| {
        keys.iter()
            .map(|key| crate::read::cell(&row[*key]))
            .collect()
    };
    let rows: Vec<Vec<String>> = rows.as_array().into_iter().flatten().map(cells).collect();
    let header: Vec<String> = keys
        .iter()
        .map(|key| key.to_uppercase().replace('_', " "))
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(&header, &rows)
}
