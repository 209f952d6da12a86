//! What became of one posted event.

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Locale, Reject};

/// Outcome of one event.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Stored under this row id.
    Accepted(u64),
    /// Was stored before, under this row id.
    Duplicate(u64),
    /// Not stored.
    Rejected(Reject),
}

/// Outcomes of the events of one request for one batch, in the order given.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One verdict per event.
    pub verdicts: Vec<Verdict>,
    /// Somebody asked the batch to stop.
    pub stop: bool,
    /// Somebody deleted the batch: what came is kept, but nobody sees it.
    pub deleted: bool,
}

/// One row of a batch answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchEventResult {
    /// The client's id, null when it sent none.
    pub event_id: Option<String>,
    /// `accepted`, `deduplicated` or `rejected`.
    pub status: &'static str,
    /// Row id, null when rejected.
    pub db_id: Option<u64>,
    /// Reason in words, null unless rejected.
    pub error: Option<String>,
    /// Stable code of the reason, null unless rejected.
    pub code: Option<&'static str>,
}

impl BatchEventResult {
    /// The row for `verdict`.
    pub fn new(event_id: Option<String>, verdict: &Verdict, locale: Locale) -> Self {
        let (status, db_id, reject) = match verdict {
            Verdict::Accepted(id) => ("accepted", Some(*id), None),
            Verdict::Duplicate(id) => ("deduplicated", Some(*id), None),
            Verdict::Rejected(reject) => ("rejected", None, Some(reject)),
        };
        Self {
            event_id,
            status,
            db_id,
            error: reject.map(|r| r.code.text(locale, &r.params)),
            code: reject.map(|r| r.code.as_str()),
        }
    }
}
