//! Something people are told of: what kind of thing it was, and the words that fill its texts.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kind of thing people are told of. Stored and sent as its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A batch ended well.
    BatchDone,
    /// A batch ended with an error.
    BatchFailed,
    /// The loss of a batch left the rails.
    BatchDiverged,
    /// A batch went silent.
    BatchStalled,
    /// A job ended with an error.
    JobFailed,
    /// A job does not use its GPU.
    JobIdleFlagged,
    /// Somebody got access to something.
    ShareGranted,
}

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Better look.
    Warn,
    /// Something broke.
    Error,
}

impl NoticeKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::BatchDone,
        Self::BatchFailed,
        Self::BatchDiverged,
        Self::BatchStalled,
        Self::JobFailed,
        Self::JobIdleFlagged,
        Self::ShareGranted,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchDone => "batch_done",
            Self::BatchFailed => "batch_failed",
            Self::BatchDiverged => "batch_diverged",
            Self::BatchStalled => "batch_stalled",
            Self::JobFailed => "job_failed",
            Self::JobIdleFlagged => "job_idle_flagged",
            Self::ShareGranted => "share_granted",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Self::BatchDone | Self::ShareGranted => Severity::Info,
            Self::BatchStalled | Self::JobIdleFlagged => Severity::Warn,
            Self::BatchFailed | Self::BatchDiverged | Self::JobFailed => Severity::Error,
        }
    }
}

impl Severity {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Words that fill the placeholders of a text, by dotted name, `batch.name`.
pub type Words = BTreeMap<String, String>;

/// Something people are told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Kind.
    pub kind: NoticeKind,
    /// Server time.
    pub at: Timestamp,
    /// Project it happened in, empty for none.
    #[serde(default)]
    pub project: String,
    /// Batch it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// Words for its texts.
    pub words: Words,
}

/// Something shown to one person in the web UI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Time-ordered id.
    pub id: u64,
    /// Batch it is about.
    pub batch_id: Option<String>,
    /// Word for its cause.
    pub rule_id: String,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// A few lines.
    pub body: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the person saw it.
    pub read_at: Option<Timestamp>,
}
