//! Events to the server, some hundred at a time, each group stored before the next is sent.

use super::journal::Journal;
use crate::api::{Api, escaped};
use crate::fault::{Exit, Fault};
use crate::progress::Progress;
use serde_json::{Value, json};

/// Events of one request; the server takes no more.
const EVENTS: usize = 500;
/// Bytes of one request; the server takes five times that.
const BYTES: usize = 1024 * 1024;
/// Reasons of refusals that are told.
const REASONS: usize = 3;

/// What became of the events of a run.
#[derive(Debug, Default)]
pub struct Delivered {
    /// Stored now or before.
    pub stored: u64,
    /// Already known, of those.
    pub known: u64,
    /// Refused.
    pub refused: u64,
    /// Why, the first few times.
    pub reasons: Vec<String>,
}

/// Sends events in order, leaving out those the journal has.
pub fn deliver(
    api: &Api,
    journal: &Journal,
    events: &[Value],
    progress: &mut Progress,
) -> Result<Delivered, Fault> {
    let mut sent = journal.sent(events);
    if sent > 0 && !has(api, events)? {
        sent = 0;
    }
    let mut done = Delivered {
        stored: sent as u64,
        known: sent as u64,
        ..Delivered::default()
    };
    progress.advance(sent as u64);
    while sent < events.len() {
        let count = fitting(&events[sent..]);
        let group = &events[sent..sent + count];
        let answer = api.post("/api/events/batch", &json!({"events": group}))?;
        judge(&answer, count, &mut done);
        sent += count;
        progress.advance(count as u64);
        // A journal that cannot be written costs time later, never events.
        let _ = journal.keep(events, sent);
    }
    Ok(done)
}

/// Whether the server has the run at all: one that was set up anew has nothing the journal says.
fn has(api: &Api, events: &[Value]) -> Result<bool, Fault> {
    let batch = events[0]["batch_id"].as_str().unwrap_or_default();
    match api.get(&format!("/api/batches/{}", escaped(batch)), &[]) {
        Ok(_) => Ok(true),
        Err(fault) if fault.exit == Exit::NotFound => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// How many events fit into one request; one always does.
fn fitting(events: &[Value]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&Value| {
        bytes += event.to_string().len();
        bytes <= BYTES
    };
    events.iter().take(EVENTS).take_while(fits).count().max(1)
}

fn judge(answer: &Value, count: usize, done: &mut Delivered) {
    let refused = answer["rejected"].as_u64().unwrap_or(0);
    done.stored += (count as u64).saturating_sub(refused);
    done.refused += refused;
    for result in answer["results"].as_array().into_iter().flatten() {
        match result["status"].as_str() {
            Some("rejected") if done.reasons.len() < REASONS => {
                let reason = result["error"].as_str().unwrap_or("refused");
                done.reasons.push(reason.to_owned());
            }
            Some("deduplicated" | "duplicate") => done.known += 1,
            _ => {}
        }
    }
}
