//! Bringing what is on disk to the server by hand: `argus sync`.

use crate::http::HttpError;
use crate::send::{BATCH_BYTES, BATCH_EVENTS, Cause, Courier, keep_aside};
use crate::settings::Settings;
use crate::spool::{Home, Label, Spool, adopt_legacy, spools_in};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Unsent events of one process.
#[derive(Clone, Debug)]
pub struct Left {
    /// Folder.
    pub path: PathBuf,
    /// Whose they are.
    pub label: Label,
    /// Bytes of events.
    pub bytes: u64,
}

/// How far a sync is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Events the server has now.
    pub stored: u64,
    /// Of these, events it had before.
    pub known: u64,
    /// Events it will never take; they are in `refused.jsonl`.
    pub refused: u64,
    /// Lines that could not be read.
    pub damaged: u64,
    /// Bytes that are not sent yet.
    pub bytes_left: u64,
}

/// Why a sync ended early. What was sent stays sent.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The process that records these events lives: it sends them itself.
    #[error("still being written by process {0}")]
    InUse(u32),
    /// No answer, or one that means trouble, for as long as was allowed.
    #[error("{0}")]
    Unreachable(String),
    /// The token is refused.
    #[error("the token is refused: {0}")]
    Token(String),
    /// The server has no such route.
    #[error("{0} (check ARGUS_URL)")]
    Route(String),
    /// The address or the certificates cannot be used.
    #[error("{0}")]
    Setup(HttpError),
    /// The disk failed.
    #[error("{0}")]
    Disk(#[from] io::Error),
}

/// What is left on disk below `dir`, oldest first. Files of the original reporter count as one
/// entry with an empty label.
pub fn left(dir: &Path) -> Vec<Left> {
    let size = |path: &Path| -> u64 {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let segments = entries.filter(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            name.ends_with(".seg") || name.starts_with("legacy-")
        });
        segments
            .filter_map(|e| Some(e.metadata().ok()?.len()))
            .sum()
    };
    let mut found: Vec<Left> = spools_in(dir)
        .into_iter()
        .map(|(path, label)| Left {
            bytes: size(&path),
            path,
            label,
        })
        .collect();
    let original = fs::read_dir(dir).into_iter().flatten().flatten();
    let original = original.filter(|e| {
        let name = e.file_name().to_string_lossy().into_owned();
        name.starts_with("spill-") && name.contains(".jsonl")
    });
    let bytes: u64 = original
        .filter_map(|e| Some(e.metadata().ok()?.len()))
        .sum();
    if bytes > 0 {
        found.insert(
            0,
            Left {
                path: dir.to_owned(),
                label: Label::default(),
                bytes,
            },
        );
    }
    found
}

/// Sends one entry of [`left`] to the server of `settings`, whatever server it was recorded for.
/// May run any number of times: events the server has are recognised. Gives up after `patience`
/// without an answer. `progress` is called after each request.
///
/// # Errors
/// See [`SyncError`].
pub fn sync(
    settings: &Settings,
    left: &Left,
    patience: Duration,
    mut progress: impl FnMut(&Synced),
) -> Result<Synced, SyncError> {
    let mut courier = Courier::new(settings).map_err(SyncError::Setup)?;
    let mut spool = open(settings, left)?;
    let mut done = Synced {
        bytes_left: spool.bytes(),
        ..Synced::default()
    };
    let mut answered = Instant::now();
    while let Some(batch) = spool.peek(BATCH_EVENTS, BATCH_BYTES) {
        match courier.send(&batch.lines, &mut || true) {
            Ok(report) => {
                answered = Instant::now();
                spool.done(&batch);
                done.stored += report.stored;
                done.known += report.known;
                done.refused += report.refused.len() as u64;
                let refused = report.refused.iter();
                let refused = refused.map(|(at, why)| (batch.lines[*at].as_slice(), why.as_str()));
                if !report.refused.is_empty() {
                    keep_aside(&settings.dir, refused)?;
                }
            }
            Err(wait) => {
                spool.put_back();
                let why = match wait.cause {
                    Cause::Token(why) => return Err(SyncError::Token(why)),
                    Cause::Route(why) => return Err(SyncError::Route(why)),
                    Cause::Unreachable(why) | Cause::Trouble(why) => why,
                    Cause::Busy | Cause::GivenUp => "the server is busy".into(),
                };
                if answered.elapsed() + wait.after > patience {
                    return Err(SyncError::Unreachable(why));
                }
                std::thread::sleep(wait.after);
            }
        }
        done.bytes_left = spool.bytes();
        done.damaged += std::mem::take(&mut spool.losses).damaged;
        progress(&done);
    }
    done.damaged += spool.losses.damaged;
    spool.close();
    Ok(done)
}

fn open(settings: &Settings, left: &Left) -> io::Result<Spool> {
    if left.path == settings.dir {
        let label = Label {
            pid: std::process::id(),
            ..Label::default()
        };
        let mut spool = Spool::new(Home::new(&settings.dir, label), u64::MAX);
        adopt_legacy(&settings.dir, &mut spool)?;
        return Ok(spool);
    }
    let home = Home::take_over(&left.path).ok_or(io::ErrorKind::WouldBlock)?;
    Spool::reopen(home, u64::MAX)
}
