//! Processes nobody waits for, and processes that wait for a dead device.

use super::{Level, Reading};
use crate::problem::{Kind, Severity};
use crate::snapshot::{Snapshot, Source};

/// Zombies from which on somebody forgot to wait.
const ZOMBIES: f64 = 50.0;
/// Processes stuck in the kernel from which on a device is in trouble.
const STUCK: f64 = 20.0;

pub(super) fn read(snapshot: &Snapshot, all: &mut Vec<Reading>) {
    let counts = &snapshot.counts;
    for (id, title, count, limit, severity) in [
        (
            "zombies",
            "Ended processes pile up",
            counts.zombies,
            ZOMBIES,
            Severity::Info,
        ),
        (
            "stuck_io",
            "Processes are stuck in the kernel",
            counts.stuck,
            STUCK,
            Severity::Warning,
        ),
    ] {
        let level = match Level::of(count as f64, limit, limit, limit / 2.0) {
            Level::Bad(_) => Level::Bad(severity),
            other => other,
        };
        all.push(Reading {
            id: id.into(),
            source: Source::Processes,
            kind: Kind::Process,
            title: title.into(),
            detail: format!("{count} of {} processes", counts.total),
            level,
            remedy: None,
            sightings: (2, 3),
        });
    }
}
