//! The journal: what was promised to whom, on the disk before it is done. One JSON line per
//! change, the last one of a command counts; a torn last line is what a crash leaves and is cut.

use crate::machine::Process;
use client::{ExitReason, Refusal};
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Form of the lines.
const VERSION: u32 = 1;
/// Commands that are over are remembered at least this long, in seconds: as long as a server may
/// bring them again.
const REMEMBERED_S: i64 = 30 * 24 * 3600;
/// And at most this many of them.
const REMEMBERED: usize = 2000;

/// How far a run has come. User code runs only from [`Phase::Acked`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Known.
    Received,
    /// About to get a process.
    Spawning,
    /// Has a process, held at its gate.
    Spawned,
    /// The server knows it began; the gate is open.
    Acked,
    /// Over, and the server does not know yet.
    Exited,
    /// Refused, and the server does not know yet.
    Refused,
    /// Nothing left to do.
    Done,
}

/// A stop that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// When SIGKILL follows, on the machine's monotonic clock in milliseconds.
    pub kill_at_ms: u64,
    /// Whether it did.
    pub killed: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Exit code.
    pub code: Option<i32>,
    /// Signal.
    pub signal: Option<i32>,
    /// How.
    pub reason: ExitReason,
    /// When, RFC 3339.
    pub at: String,
}

/// Everything remembered of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Command.
    pub cmd: String,
    /// Batch it runs as.
    pub batch_id: String,
    /// How far it has come.
    pub phase: Phase,
    /// What runs, without secrets.
    #[serde(default)]
    pub argv: Vec<String>,
    /// Where.
    #[serde(default)]
    pub cwd: String,
    /// GPUs it was given.
    #[serde(default)]
    pub gpus: Vec<String>,
    /// Its process.
    #[serde(default)]
    pub process: Option<Process>,
    /// Whether the server knows it began.
    #[serde(default)]
    pub acked: bool,
    /// When it began, RFC 3339.
    #[serde(default)]
    pub started_at: Option<String>,
    /// Its stop.
    #[serde(default)]
    pub stop: Option<Stop>,
    /// Its end.
    #[serde(default)]
    pub end: Option<End>,
    /// Why it was refused.
    #[serde(default)]
    pub refusal: Option<(Refusal, String)>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    at: i64,
    #[serde(flatten)]
    record: Record,
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk says no.
    #[error("{0}: {1}")]
    Disk(PathBuf, std::io::Error),
    /// A newer version wrote it.
    #[error("{0} was written by a newer argus-agent (form {1}); this one knows form {VERSION}")]
    Newer(PathBuf, u32),
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    len: u64,
}

impl Journal {
    /// Opens it and tells what it holds.
    ///
    /// # Errors
    /// When it cannot be read, or a newer version wrote it.
    pub fn open(path: &Path, now_s: i64) -> Result<(Self, Vec<Record>), JournalError> {
        let disk = |e: std::io::Error| JournalError::Disk(path.to_owned(), e);
        let mut file = open(path).map_err(disk)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk)?;
        let whole = whole(&bytes);
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(disk)?;
        }
        let (last, lines) = parse(path, &bytes[..whole])?;
        let kept = forget(last, now_s);
        let mut journal = Self {
            file,
            len: whole as u64,
        };
        if lines > kept.len() * 2 + 64 {
            journal.rewrite(path, &kept).map_err(disk)?;
        }
        Ok((journal, kept.into_iter().map(|line| line.record).collect()))
    }

    /// Tells what a journal holds that a daemon may be writing.
    ///
    /// # Errors
    /// When it cannot be read, or a newer version wrote it.
    pub fn peek(path: &Path, now_s: i64) -> Result<Vec<Record>, JournalError> {
        let bytes = std::fs::read(path).map_err(|e| JournalError::Disk(path.to_owned(), e))?;
        let (last, _) = parse(path, &bytes[..whole(&bytes)])?;
        Ok(forget(last, now_s)
            .into_iter()
            .map(|line| line.record)
            .collect())
    }

    /// Adds a line; when this returns, it survives a loss of power.
    ///
    /// # Errors
    /// When the disk says no; then nothing of the line is left.
    pub fn write(&mut self, record: &Record, now_s: i64) -> std::io::Result<()> {
        let text = line(record, now_s)?;
        let written = self
            .file
            .write_all(&text)
            .and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.len += text.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a line would swallow the next one.
                let _ = self.file.set_len(self.len);
                Err(error)
            }
        }
    }

    fn rewrite(&mut self, path: &Path, kept: &[Line]) -> std::io::Result<()> {
        let mut text = Vec::new();
        for entry in kept {
            text.extend(line(&entry.record, entry.at)?);
        }
        crate::identity::write_whole(path, &text)?;
        self.file = open(path)?;
        self.len = text.len() as u64;
        Ok(())
    }
}

/// Length of the part that consists of whole lines.
fn whole(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1)
}

/// The last line of each command, and how many lines there were.
fn parse(path: &Path, bytes: &[u8]) -> Result<(Vec<Line>, usize), JournalError> {
    let mut last: BTreeMap<String, Line> = BTreeMap::new();
    let mut lines = 0;
    for text in bytes.split(|b| *b == b'\n').filter(|t| !t.is_empty()) {
        lines += 1;
        let value = serde_json::from_slice::<serde_json::Value>(text);
        let version = value.ok().and_then(|v| v.get("v")?.as_u64()).unwrap_or(0);
        if version > u64::from(VERSION) {
            let version = u32::try_from(version).unwrap_or(u32::MAX);
            return Err(JournalError::Newer(path.to_owned(), version));
        }
        if let Ok(line) = serde_json::from_slice::<Line>(text) {
            last.insert(line.record.cmd.clone(), line);
        }
    }
    Ok((last.into_values().collect(), lines))
}

fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?;
    Ok(File::from(fd))
}

fn line(record: &Record, at: i64) -> std::io::Result<Vec<u8>> {
    let record = record.clone();
    let mut text = serde_json::to_vec(&Line {
        v: VERSION,
        at,
        record,
    })?;
    text.push(b'\n');
    Ok(text)
}

fn forget(mut lines: Vec<Line>, now_s: i64) -> Vec<Line> {
    lines.sort_by_key(|l| l.at);
    let over = lines
        .iter()
        .filter(|l| l.record.phase == Phase::Done)
        .count();
    let mut surplus = over.saturating_sub(REMEMBERED);
    lines.retain(|line| {
        if line.record.phase != Phase::Done {
            return true;
        }
        let old = line.at < now_s - REMEMBERED_S || surplus > 0;
        surplus = surplus.saturating_sub(1);
        !old
    });
    lines
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
