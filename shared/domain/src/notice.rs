//! Something people are told of: what kind of thing it was, and the words that fill its texts.

use crate::access::Role;
use crate::batch::Batch;
use crate::job::Job;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest reason of a failure a notice carries, in characters.
const REASON_CHARS: usize = 1000;
/// Longest other word, in characters.
const WORD_CHARS: usize = 128;

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
    /// A batch was asked to stop and went silent.
    BatchStopped,
    /// What was wrong with a batch is over.
    BatchRecovered,
    /// A job ended with an error.
    JobFailed,
    /// A job does not use its GPU.
    JobIdleFlagged,
    /// A job seems to have failed for lack of memory.
    OomSuspected,
    /// Somebody got access to something.
    ShareGranted,
    /// No agent took up a rerun in time.
    RerunExpired,
    /// An agent is silent.
    AgentOffline,
    /// A watchdog reports trouble on a host.
    HostTrouble,
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
    pub const ALL: [Self; 13] = [
        Self::BatchDone,
        Self::BatchFailed,
        Self::BatchDiverged,
        Self::BatchStalled,
        Self::JobFailed,
        Self::JobIdleFlagged,
        Self::ShareGranted,
        Self::BatchStopped,
        Self::BatchRecovered,
        Self::OomSuspected,
        Self::RerunExpired,
        Self::AgentOffline,
        Self::HostTrouble,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchDone => "batch_done",
            Self::BatchFailed => "batch_failed",
            Self::BatchDiverged => "batch_diverged",
            Self::BatchStalled => "batch_stalled",
            Self::BatchStopped => "batch_stopped",
            Self::BatchRecovered => "batch_recovered",
            Self::JobFailed => "job_failed",
            Self::JobIdleFlagged => "job_idle_flagged",
            Self::OomSuspected => "oom_suspected",
            Self::ShareGranted => "share_granted",
            Self::RerunExpired => "rerun_expired",
            Self::AgentOffline => "agent_offline",
            Self::HostTrouble => "host_trouble",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Self::BatchDone | Self::ShareGranted | Self::BatchStopped | Self::BatchRecovered => {
                Severity::Info
            }
            Self::BatchStalled
            | Self::JobIdleFlagged
            | Self::RerunExpired
            | Self::AgentOffline
            | Self::HostTrouble => Severity::Warn,
            Self::BatchFailed | Self::BatchDiverged | Self::JobFailed | Self::OomSuspected => {
                Severity::Error
            }
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

impl Notice {
    /// Something that happened to a batch.
    pub fn of_batch(kind: NoticeKind, batch: &Batch, at: Timestamp) -> Self {
        let mut words = Words::new();
        let none = String::new();
        let ended = batch.end_time.as_ref().map(|time| &time.text);
        let name = batch.name.as_ref().unwrap_or(&batch.id);
        let (done, failed) = (batch.n_done.to_string(), batch.n_failed.to_string());
        for (key, text) in [
            ("batch.id", batch.id.as_str()),
            ("batch.name", name),
            ("batch.project", &batch.project),
            ("batch.status", batch.status.as_str()),
            ("batch.host", batch.host.as_ref().unwrap_or(&none)),
            ("batch.start_time", &batch.start_time.text),
            ("batch.end_time", ended.unwrap_or(&none)),
            ("batch.n_done", &done),
            ("batch.n_failed", &failed),
        ] {
            words.insert(key.to_owned(), cut(text, WORD_CHARS));
        }
        let error = batch.error.as_deref().unwrap_or_default();
        words.insert("batch.error".to_owned(), cut(error, REASON_CHARS));
        Self {
            kind,
            at,
            project: batch.project.clone(),
            batch_id: Some(batch.id.clone()),
            words,
        }
    }

    /// Something that happened to a job.
    pub fn of_job(kind: NoticeKind, batch: &Batch, job: &Job, at: Timestamp) -> Self {
        let mut notice = Self::of_batch(kind, batch, at);
        let none = String::new();
        for (key, text) in [
            ("job.id", job.id.as_str()),
            ("job.model", job.model.as_ref().unwrap_or(&none)),
            ("job.dataset", job.dataset.as_ref().unwrap_or(&none)),
            ("job.status", &job.status),
        ] {
            notice.words.insert(key.to_owned(), cut(text, WORD_CHARS));
        }
        let error = job.error.as_deref().unwrap_or_default();
        let error = cut(error, REASON_CHARS);
        notice.words.insert("job.error".to_owned(), error);
        notice
    }

    /// Sets a word of its texts, kept as short as all of them.
    pub fn word(&mut self, name: &str, text: &str) {
        self.words.insert(name.to_owned(), cut(text, REASON_CHARS));
    }

    /// `giver` gave somebody access to one batch, or to what a project has.
    pub fn of_share(
        giver: &str,
        project: &str,
        batch: Option<&str>,
        role: Role,
        at: Timestamp,
    ) -> Self {
        let target = batch.unwrap_or(project);
        let words = [
            ("shared_by.username", giver),
            ("share.target", target),
            ("share.permission", role.as_str()),
        ];
        let word = |(key, text): (&str, &str)| (key.to_owned(), cut(text, WORD_CHARS));
        Self {
            kind: NoticeKind::ShareGranted,
            at,
            project: project.to_owned(),
            batch_id: batch.map(str::to_owned),
            words: words.into_iter().map(word).collect(),
        }
    }
}

impl Notice {
    /// Something about a machine that is nobody's run; `words` fill its texts.
    pub fn of_host(kind: NoticeKind, words: &[(&str, &str)], at: Timestamp) -> Self {
        let word = |(key, text): &(&str, &str)| ((*key).to_owned(), cut(text, REASON_CHARS));
        Self {
            kind,
            at,
            project: String::new(),
            batch_id: None,
            words: words.iter().map(word).collect(),
        }
    }
}

/// Keeps a text short and printable: notices are stored many in one item.
fn cut(text: &str, most: usize) -> String {
    let printable = |c: char| match c.is_control() && c != '\n' {
        true => ' ',
        false => c,
    };
    text.chars().take(most).map(printable).collect()
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
