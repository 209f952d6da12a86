//! A clock that was set: every record around it has a doubtful time.

use super::{Level, Reading};
use crate::problem::{Kind, Severity};
use crate::snapshot::{Snapshot, Source};

/// Seconds a time server may correct without a word.
pub(crate) const JUMP_S: f64 = 60.0;

pub(super) fn read(snapshot: &Snapshot, all: &mut Vec<Reading>) {
    let jump = snapshot.clock_jump_s;
    all.push(Reading {
        id: "clock_set".into(),
        source: Source::System,
        kind: Kind::Process,
        title: "The clock was set".into(),
        detail: format!("by {jump:.0} s"),
        level: Level::bad_if(jump.abs() >= JUMP_S, Severity::Warning),
        remedy: None,
        sightings: (1, 1),
    });
}
