//! Removes old files below the listed folders: each judged by itself, none that is somebody
//! else's, in use, or fresh.

use super::open_files::OpenFiles;
use super::walk::{Entry, Judge, Verdict, walk};
use crate::settings::Clean;
use crate::time::{DAY_S, Stamp};
use rustix::fs::{FileType, Statx};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a cleaning removed, or would have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files and folders.
    pub removed_entries: u64,
    /// Bytes on disk that were freed.
    pub reclaimed_bytes: u64,
    /// Entries that could not be removed.
    pub failed: u64,
    /// Folders that could not be used, and why.
    pub unusable: Vec<String>,
    /// Whether a limit ended it early.
    pub capped: bool,
}

/// Which folders a cleaning goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Folders cleaned as a whole.
    pub roots: Vec<PathBuf>,
    /// Folders in which only rotated logs go.
    pub archives: Vec<PathBuf>,
}

/// Cleans; with `execute` false it goes the same way and only counts.
#[must_use]
pub fn clean(scope: &Scope, rule: &Clean, now: Stamp, execute: bool) -> Report {
    let mut judge = Old {
        before: now.0 - rule.max_age_days.cast_signed() * DAY_S,
        user: rustix::process::geteuid().as_raw(),
        open: OpenFiles::now(),
        end: Instant::now() + Duration::from_secs(rule.max_seconds),
        rule,
        archives_only: false,
        report: Report::default(),
    };
    let folders = scope
        .roots
        .iter()
        .map(|r| (r, false))
        .chain(scope.archives.iter().map(|a| (a, true)));
    for (folder, archives_only) in folders {
        judge.archives_only = archives_only;
        match walk(folder, execute, &mut judge) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(e) => judge.report.unusable.push(unusable(folder, e)),
        }
        if judge.report.capped {
            break;
        }
    }
    judge.report
}

fn unusable(folder: &Path, error: rustix::io::Errno) -> String {
    let why = match error {
        rustix::io::Errno::LOOP => "a link is part of its path".to_owned(),
        other => other.to_string(),
    };
    format!("{}: {why}", folder.display())
}

struct Old<'a> {
    before: i64,
    user: u32,
    open: OpenFiles,
    end: Instant,
    rule: &'a Clean,
    archives_only: bool,
    report: Report,
}

impl Old<'_> {
    fn is_old(&self, stat: &Statx) -> bool {
        let times = [
            stat.stx_atime.tv_sec,
            stat.stx_mtime.tv_sec,
            stat.stx_ctime.tv_sec,
        ];
        times.iter().all(|at| *at < self.before)
    }

    fn is_free(&self, stat: &Statx) -> bool {
        let device = rustix::fs::makedev(stat.stx_dev_major, stat.stx_dev_minor);
        stat.stx_uid == self.user && !self.open.holds(device, stat.stx_ino)
    }
}

impl Judge for Old<'_> {
    fn judge(&mut self, entry: &Entry<'_>) -> Verdict {
        let done = &self.report;
        if done.removed_entries >= self.rule.max_entries
            || done.reclaimed_bytes >= self.rule.max_bytes
            || Instant::now() >= self.end
        {
            self.report.capped = true;
            return Verdict::Stop;
        }
        // Sockets and pipes are doors to somebody, whatever their age.
        let plain = match entry.kind {
            FileType::RegularFile => true,
            FileType::Symlink | FileType::Directory => !self.archives_only,
            _ => false,
        };
        let named = !self.archives_only || is_archive(entry.name.to_bytes());
        if plain && named && self.is_old(entry.stat) && self.is_free(entry.stat) {
            Verdict::Remove
        } else {
            Verdict::Keep
        }
    }

    fn enter(&mut self, entry: &Entry<'_>) -> bool {
        // systemd removes what belongs to its services itself.
        let foreign = entry.top && entry.name.to_bytes().starts_with(b"systemd-private-");
        !self.archives_only && !foreign && entry.stat.stx_uid == self.user
    }

    fn removed(&mut self, entry: &Entry<'_>) {
        self.report.removed_entries += 1;
        if entry.kind == FileType::RegularFile && entry.stat.stx_nlink == 1 {
            self.report.reclaimed_bytes += entry.stat.stx_blocks * 512;
        }
    }

    fn failed(&mut self) {
        self.report.failed += 1;
    }
}

/// `<anything>.log.<digit>.gz`.
fn is_archive(name: &[u8]) -> bool {
    let Some(rest) = name.strip_suffix(b".gz") else {
        return false;
    };
    matches!(rest, [head @ .., digit] if digit.is_ascii_digit() && head.len() > 5 && head.ends_with(b".log."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rotated_logs_are_archives() {
        for (name, is) in [
            ("syslog.log.1.gz", true),
            ("a.log.9.gz", true),
            ("a.log.10.gz", false),
            ("a.log.gz", false),
            (".log.1.gz", false),
            ("a.log.1", false),
        ] {
            assert_eq!(is_archive(name.as_bytes()), is, "{name}");
        }
    }
}
