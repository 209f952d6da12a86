//! The audit log: what was asked, what was decided, what was done. Only ever added to.

use crate::clock;
use rustix::fs::{Mode, OFlags};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// From this size on a new file is begun, in bytes; one older is kept.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The log.
#[derive(Debug)]
pub struct Audit {
    path: PathBuf,
}

impl Audit {
    /// The log at a place.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Adds a line. A full disk must not stop a stop, so failing is no error.
    pub fn line(&self, command: &str, what: &str, detail: &str) {
        if std::fs::metadata(&self.path).is_ok_and(|m| m.len() > LARGEST) {
            let _ = std::fs::rename(&self.path, self.path.with_extension("jsonl.1"));
        }
        let line =
            json!({"at": clock::rfc3339_now(), "cmd": command, "what": what, "detail": detail});
        let _ = append(&self.path, &format!("{line}\n"));
    }
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let flags =
        OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?);
    file.write_all(text.as_bytes())
}
