//! The problem registry: one line per action, with the keys of the README first and ours behind.

use crate::time::Stamp;
use serde::{Deserialize, Serialize};

/// What a problem is about. Anything else becomes `process`, as it always did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file system.
    Disk,
    /// Memory.
    Memory,
    /// A service.
    Service,
    /// Swap.
    Swap,
    /// Processes, and everything else.
    #[serde(other)]
    Process,
}

impl Kind {
    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Memory => "memory",
            Self::Service => "service",
            Self::Process => "process",
            Self::Swap => "swap",
        }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    #[default]
    Info,
    /// Somebody should look today.
    Warning,
    /// Somebody should look now.
    Critical,
}

impl Severity {
    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What came of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done, and seen to be done.
    Success,
    /// Tried in vain, or refused.
    Failure,
    /// Not now: backoff, dry run, a question that waits.
    Skipped,
    /// An alert that was sent a short while ago.
    Suppressed,
}

impl Outcome {
    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
            Self::Suppressed => "suppressed",
        }
    }
}

/// One line. The first eight keys and their order are what existing readers know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// When.
    pub ts: Stamp,
    /// How bad.
    pub severity: Severity,
    /// About what.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// For people.
    pub description: String,
    /// Action and target, `restart_service:nginx.service`.
    pub action_taken: String,
    /// What came of it.
    pub action_result: Outcome,
    /// Issue it belongs to.
    pub bead_id: Option<String>,
    /// Host.
    pub host: String,
    /// Identity of this line.
    pub id: String,
    /// `<type>:<16 digits>` of the title, that is of the description without its figures: the
    /// same trouble has the same key, however full the disk is today.
    pub key: String,
    /// `rule`, `model` or `person`: who wanted the action.
    pub origin: String,
    /// Why.
    pub reason: String,
    /// `done`, `dry_run`, `refused`, `failed`, `asked` or `waiting`.
    pub verdict: String,
    /// Runs at work at that moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<String>,
}

/// Key of a trouble.
#[must_use]
pub fn key(kind: Kind, title: &str) -> String {
    format!("{}:{}", kind.name(), crate::text::short_hash(title))
}
