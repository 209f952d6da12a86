//! A file of events that a reporter kept while it could not reach the server, and its replay.

use crate::account::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a spill file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Lines as they are, `.jsonl`.
    Plain,
    /// `.gz`.
    Gzip,
    /// `.zst`.
    Zstd,
}

impl Encoding {
    /// The encoding a file name stands for.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "jsonl" => Some(Self::Plain),
            "gz" => Some(Self::Gzip),
            "zst" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The extension of its objects.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Plain => "jsonl",
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }
}

/// How far a spill got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A ticket was given, nothing was replayed yet.
    Waiting,
    /// Part of it was replayed.
    Replaying,
    /// All of it was.
    Done,
    /// The file cannot be read on; what came before counts.
    Failed,
}

impl State {
    /// The word the API shows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replaying => "replaying",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// A line that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedLine {
    /// Line number, from 1.
    pub line: u64,
    /// The client's event id, when the line had one.
    pub event_id: Option<String>,
    /// Stable code.
    pub code: String,
    /// Reason in words.
    pub reason: String,
}

/// What was replayed so far. Written after each group of lines, so a replay that dies goes on here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which upload of the file this is about.
    pub etag: String,
    /// Bytes done, counted after decompression; always the start of a line.
    pub bytes: u64,
    /// Lines done.
    pub lines: u64,
    /// Events stored.
    pub accepted: u64,
    /// Events that were stored before.
    pub duplicate: u64,
    /// Lines refused.
    pub rejected: u64,
    /// The first refused lines.
    pub rejects: Vec<RejectedLine>,
}

/// One spill file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spill {
    /// Integer id.
    pub id: u64,
    /// Who reports.
    pub owner: UserId,
    /// Compression.
    pub encoding: Encoding,
    /// Bytes of the file as uploaded.
    pub size_bytes: u64,
    /// State.
    pub state: State,
    /// Code of what ended it early.
    pub fault: Option<String>,
    /// Progress.
    pub progress: Progress,
    /// When the ticket was given.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
