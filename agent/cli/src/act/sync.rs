//! `argus sync`: what the reporter kept on disk, to the server.

use crate::args::Sync;
use crate::console::{Console, table};
use crate::fault::{Exit, Fault};
use crate::progress::Progress;
use crate::settings::Settings;
use reporter::sync::{Left, SyncError, left, sync as send};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the server may give no answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes that wait.
pub fn waiting(settings: &Settings) -> u64 {
    left(&settings.found.dir)
        .iter()
        .map(|left| left.bytes)
        .sum()
}

/// Sends everything, the oldest first; what lives still sends its own.
pub fn sync(settings: &Settings, console: &Console, wish: &Sync) -> Result<(), Fault> {
    let found = left(&settings.found.dir);
    if !wish.dry_run {
        settings.url()?;
    }
    let mut rows = Vec::new();
    for left in &found {
        // Events recorded for one server are none of another's.
        let other = left
            .label
            .url
            .as_ref()
            .filter(|url| Some(*url) != settings.found.url.as_ref());
        rows.push(match (other, wish.dry_run) {
            (Some(url), _) => row(left, &format!("for {url}")),
            (None, true) => row(left, "waits"),
            (None, false) => one(settings, console, left)?,
        });
    }
    let rows = Value::Array(rows);
    console.answer(&rows, || text(&rows))
}

fn one(settings: &Settings, console: &Console, left: &Left) -> Result<Value, Fault> {
    let name = left.label.batch_id.as_str();
    let name = if name.is_empty() {
        "earlier events"
    } else {
        name
    };
    let mut progress = Progress::new(name, left.bytes, console.animates());
    let mut before = left.bytes;
    let outcome = send(&settings.found, left, PATIENCE, |synced| {
        progress.advance(before.saturating_sub(synced.bytes_left));
        before = synced.bytes_left;
    });
    progress.finish();
    match outcome {
        Ok(done) => {
            let mut row = row(left, "sent");
            row["stored"] = done.stored.into();
            row["already_there"] = done.known.into();
            row["refused"] = done.refused.into();
            row["damaged"] = done.damaged.into();
            Ok(row)
        }
        Err(SyncError::InUse(_)) => Ok(row(left, "in use")),
        Err(error) => Err(fault(&error)),
    }
}

fn fault(error: &SyncError) -> Fault {
    let text = error.to_string();
    match error {
        SyncError::Unreachable(_) => Fault::new(Exit::Unreachable, text)
            .hint("nothing is lost: argus sync again once argus doctor is content"),
        SyncError::Token(_) => Fault::new(Exit::Auth, text).hint("argus login makes a new one"),
        SyncError::Route(_) | SyncError::Setup(_) => Fault::new(Exit::Usage, text),
        SyncError::InUse(_) | SyncError::Disk(_) => Fault::failed(text),
    }
}

fn row(left: &Left, state: &str) -> Value {
    json!({
        "batch_id": left.label.batch_id,
        "path": left.path.display().to_string(),
        "bytes": left.bytes,
        "state": state,
    })
}

fn text(rows: &Value) -> String {
    let rows = rows.as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        return "nothing waits".to_owned();
    }
    let keys = [
        "batch_id",
        "bytes",
        "state",
        "stored",
        "already_there",
        "refused",
    ];
    let cells = |row: &Value| {
        keys.iter()
            .map(|key| crate::read::cell(&row[*key]))
            .collect()
    };
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    table(
        &[
            "RUN",
            "BYTES",
            "STATE",
            "STORED",
            "ALREADY THERE",
            "REFUSED",
        ],
        &cells,
    )
}
