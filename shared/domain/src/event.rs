//! An accepted event: the envelope, and the facts the rules read from its `data`.

use crate::time::ClientTime;
use std::collections::{BTreeMap, BTreeSet};

/// JSON values by key, each as its JSON text: the domain carries them, it never looks inside.
pub type JsonFields = BTreeMap<String, String>;

/// The ten kinds of events a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A batch begins, or is announced again after a restart.
    BatchStart,
    /// A batch ended well.
    BatchDone,
    /// A batch ended with an error.
    BatchFailed,
    /// A job begins.
    JobStart,
    /// One epoch of a job.
    JobEpoch,
    /// A job ended well, or with the status it names.
    JobDone,
    /// A job ended with an error.
    JobFailed,
    /// Gauges of the host.
    ResourceSnapshot,
    /// One line of output.
    LogLine,
    /// Facts about code and environment.
    EnvSnapshot,
}

impl EventKind {
    /// All kinds, in the order of the contract.
    pub const ALL: [Self; 10] = [
        Self::BatchStart,
        Self::BatchDone,
        Self::BatchFailed,
        Self::JobStart,
        Self::JobEpoch,
        Self::JobDone,
        Self::JobFailed,
        Self::ResourceSnapshot,
        Self::LogLine,
        Self::EnvSnapshot,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchStart => "batch_start",
            Self::BatchDone => "batch_done",
            Self::BatchFailed => "batch_failed",
            Self::JobStart => "job_start",
            Self::JobEpoch => "job_epoch",
            Self::JobDone => "job_done",
            Self::JobFailed => "job_failed",
            Self::ResourceSnapshot => "resource_snapshot",
            Self::LogLine => "log_line",
            Self::EnvSnapshot => "env_snapshot",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Kinds that make no sense without a job.
    pub fn needs_job(self) -> bool {
        matches!(
            self,
            Self::JobStart | Self::JobEpoch | Self::JobDone | Self::JobFailed
        )
    }

    /// Where the event is kept: detail goes into chunks, everything else leaves a marker.
    pub fn detail(self) -> Option<Detail> {
        match self {
            Self::JobEpoch => Some(Detail::Epochs),
            Self::LogLine => Some(Detail::Logs),
            Self::ResourceSnapshot => Some(Detail::Snapshots),
            _ => None,
        }
    }
}

/// The kinds of chunked detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Detail {
    /// Epochs of one job.
    Epochs,
    /// Log lines of one job (or of the batch itself, for lines without a job).
    Logs,
    /// Host gauges noted for one batch.
    Snapshots,
}

/// Where an event came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Project name; never empty.
    pub project: String,
    /// Host name.
    pub host: Option<String>,
    /// Operating-system user.
    pub user: Option<String>,
    /// Git commit.
    pub commit: Option<String>,
    /// Command line.
    pub command: Option<String>,
}

/// What the rules need to know of an event's `data`.
#[derive(Clone, Debug, PartialEq)]
pub enum Facts {
    /// `batch_start`. `n_total` is `Some(None)` when the key was sent as null.
    BatchStart {
        /// Kind of experiment.
        experiment_type: Option<String>,
        /// Number of jobs planned.
        n_total: Option<Option<i64>>,
        /// Command line.
        command: Option<String>,
    },
    /// `batch_done`.
    BatchDone {
        /// `status` says that it ended before its work was done, because somebody asked it to.
        stopped: bool,
    },
    /// `batch_failed` with its reason.
    BatchFailed {
        /// `error`, else `reason`.
        error: Option<String>,
    },
    /// `job_start`.
    JobStart {
        /// Model name.
        model: Option<String>,
        /// Data set name.
        dataset: Option<String>,
        /// Labels.
        tags: BTreeSet<String>,
        /// Every other key.
        extra: JsonFields,
    },
    /// `job_epoch`.
    JobEpoch {
        /// Epoch number as the script counts.
        epoch: i64,
        /// Training loss.
        train_loss: Option<f64>,
        /// Validation loss.
        val_loss: Option<f64>,
        /// Learning rate.
        lr: Option<f64>,
    },
    /// `job_done`.
    JobDone {
        /// Lower-cased final status.
        status: String,
        /// Whole seconds.
        elapsed_s: Option<i64>,
        /// Final metrics; `Some(empty)` overwrites.
        metrics: Option<JsonFields>,
    },
    /// `job_failed`.
    JobFailed {
        /// `error`, else `reason`.
        error: Option<String>,
        /// Whole seconds.
        elapsed_s: Option<i64>,
        /// Every other key.
        extra: JsonFields,
    },
    /// `resource_snapshot`.
    ResourceSnapshot,
    /// `log_line`; a heartbeat is a sign of life, not output.
    LogLine {
        /// The reporter's keep-alive line.
        heartbeat: bool,
    },
    /// `env_snapshot`; the whole object lives beside the batch.
    EnvSnapshot,
}

/// One event whose envelope and data were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Client's id, the key of deduplication.
    pub event_id: String,
    /// Kind.
    pub kind: EventKind,
    /// When it happened, by the client's clock.
    pub time: ClientTime,
    /// Which batch.
    pub batch_id: String,
    /// Which job.
    pub job_id: Option<String>,
    /// Where from.
    pub source: Source,
    /// What it says.
    pub facts: Facts,
    /// `data` as compact JSON text, unknown keys included.
    pub data_json: String,
}
