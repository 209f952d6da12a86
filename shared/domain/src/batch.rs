//! A batch: one run of a script, holding jobs.

use crate::account::UserId;
use crate::status::BatchStatus;
use crate::time::{ClientTime, Timestamp};
use crate::tracking::Tracked;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A request to stop, kept until the batch ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRequest {
    /// Name of the person.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the agent that holds the run took it up: its processes are told to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signalled_at: Option<Timestamp>,
}

/// Summary of a batch: everything lists and headers show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// Client's id.
    pub id: String,
    /// Owner; `None` only for rows imported from the original.
    pub owner_id: Option<UserId>,
    /// Name people gave it; the id stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Labels, sorted, each once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Free text people keep beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Project name.
    pub project: String,
    /// Its owner reports as a member of the project, so the other members see it. Strangers who
    /// use the same name stay alone with theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enrolled: bool,
    /// Operating-system user of the script.
    pub user: Option<String>,
    /// Host of the script.
    pub host: Option<String>,
    /// Command line.
    pub command: Option<String>,
    /// Command of its first launch, if its owner reported that: what a rerun runs, whatever later
    /// launches say and whoever makes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_command: Option<String>,
    /// Git commit.
    pub commit: Option<String>,
    /// Kind of experiment.
    pub experiment_type: Option<String>,
    /// Jobs planned.
    pub n_total: Option<i64>,
    /// Jobs now done; derived from job transitions, never taken from a client.
    pub n_done: i64,
    /// Jobs now failed; derived likewise.
    pub n_failed: i64,
    /// State.
    pub status: BatchStatus,
    /// First event's time.
    pub start_time: ClientTime,
    /// End event's time.
    pub end_time: Option<ClientTime>,
    /// Reason of a failure.
    pub error: Option<String>,
    /// Batch this one repeats.
    pub source_batch_id: Option<String>,
    /// How often it was launched: a `batch_start` on a known batch opens the next attempt.
    #[serde(default = "first_attempt", skip_serializing_if = "is_first_attempt")]
    pub attempt: u32,
    /// Fingerprint of the `batch_start` that opened it, 0 before one came.
    #[serde(default)]
    pub launch: u64,
    /// Stop request.
    pub stop: Option<StopRequest>,
    /// An environment snapshot is stored beside it.
    pub has_env: bool,
    /// Server time of the newest event, written at most every few seconds.
    pub last_event_at: Timestamp,
    /// Server time of the first event.
    pub created_at: Timestamp,
    /// What its scripts sent, some seconds behind while it runs.
    #[serde(default, skip_serializing_if = "Tracked::is_nothing")]
    pub tracked: Tracked,
    /// Soft deletion.
    pub deleted_at: Option<Timestamp>,
    /// What is stored of it is being removed: it can no longer be restored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub purging: bool,
}

/// The number of a first launch.
pub fn first_attempt() -> u32 {
    1
}

/// Whether nothing was launched again: left out of what is stored.
pub fn is_first_attempt(attempt: &u32) -> bool {
    *attempt == first_attempt()
}
