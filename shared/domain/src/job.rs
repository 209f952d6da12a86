//! A job: one training inside a batch.

use crate::batch::{first_attempt, is_first_attempt};
use crate::event::JsonFields;
use crate::time::{ClientTime, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The newest epoch of a job, for lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LastEpoch {
    /// Epoch number.
    pub epoch: i64,
    /// Training loss.
    #[serde(with = "crate::series::loss_text")]
    pub train_loss: Option<f64>,
    /// Validation loss.
    #[serde(with = "crate::series::loss_text")]
    pub val_loss: Option<f64>,
    /// Learning rate.
    #[serde(with = "crate::series::loss_text")]
    pub lr: Option<f64>,
    /// When it was reported, client's time.
    #[serde(default)]
    pub at: Timestamp,
}

/// The epoch a job's current attempt began with: what an ETA counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstEpoch {
    /// Epoch number.
    pub epoch: i64,
    /// When it was reported, client's time.
    pub at: Timestamp,
}

/// Summary of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Client's id, unique inside the batch.
    pub id: String,
    /// Its batch.
    pub batch_id: String,
    /// Model name.
    pub model: Option<String>,
    /// Data set name.
    pub dataset: Option<String>,
    /// `running`, `done`, `failed`, or the word `job_done` brought.
    pub status: String,
    /// Start by the client's clock.
    pub start_time: ClientTime,
    /// End by the client's clock.
    pub end_time: Option<ClientTime>,
    /// Whole seconds as the client measured.
    pub elapsed_s: Option<i64>,
    /// Final metrics.
    pub metrics: Option<JsonFields>,
    /// Everything else the client said about it; keys are merged, never lost.
    pub extra: JsonFields,
    /// Labels it named when it began, sorted, each once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Reason of a failure.
    pub error: Option<String>,
    /// The batch's attempt it was last heard in.
    #[serde(default = "first_attempt", skip_serializing_if = "is_first_attempt")]
    pub attempt: u32,
    /// Lowest epoch of that attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_epoch: Option<FirstEpoch>,
    /// Newest epoch.
    pub last_epoch: Option<LastEpoch>,
    /// Recent `(epoch, val_loss)` pairs, oldest first, at most [`crate::limits::TRACE_POINTS`].
    #[serde(with = "crate::series::trace_text")]
    pub val_loss_trace: Vec<(i64, f64)>,
    /// The GPU sat idle under it.
    pub is_idle_flagged: bool,
    /// Server time of its newest event.
    pub last_event_at: Timestamp,
    /// Soft deletion.
    pub deleted_at: Option<Timestamp>,
}
