//! From a snapshot to what is wrong with it. Pure: no clock, no files, no signals.
//!
//! Each rule gives a reading for everything it looks at, good or bad; [`incident`] turns readings
//! into troubles that begin and end, so that a value around its limit does not chatter.

mod clock;

pub(crate) use clock::JUMP_S;
pub(crate) use disk::mount_of as disk_mount_of;
mod disk;
mod gpu;
pub mod incident;
mod memory;
pub mod orphan;
mod pressure;
mod process;
mod service;

use crate::problem::{Kind, Severity};
use crate::settings::Settings;
use crate::snapshot::{Snapshot, Source};

/// What a rule saw of one thing.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Rule and thing, `disk_full:/`. No figures: it names the trouble for ever.
    pub id: String,
    /// Collector it rests on.
    pub source: Source,
    /// What it is about.
    pub kind: Kind,
    /// The trouble in words, without figures.
    pub title: String,
    /// The figures.
    pub detail: String,
    /// How bad it is.
    pub level: Level,
    /// What could help.
    pub remedy: Option<Remedy>,
    /// Bad readings needed, out of how many.
    pub sightings: (u32, u32),
}

/// Whether a trouble is over as soon as it is seen, so that its end is no news.
pub(crate) fn is_moment(id: &str) -> bool {
    matches!(id, "oom_kill" | "clock_set")
}

/// How bad a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Well.
    Good,
    /// Neither: what was, stays.
    Between,
    /// Trouble.
    Bad(Severity),
}

impl Level {
    /// Level of a figure of which more is worse.
    #[must_use]
    pub fn of(value: f64, warn: f64, critical: f64, margin: f64) -> Self {
        if value >= critical {
            Self::Bad(Severity::Critical)
        } else if value >= warn {
            Self::Bad(Severity::Warning)
        } else if value >= warn - margin {
            Self::Between
        } else {
            Self::Good
        }
    }

    /// Bad or good, nothing between.
    #[must_use]
    pub fn bad_if(bad: bool, severity: Severity) -> Self {
        if bad { Self::Bad(severity) } else { Self::Good }
    }
}

/// What could help, by handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Restart this service.
    Restart(String),
    /// Clean this disk.
    Clean(String),
}

/// All readings of a snapshot.
#[must_use]
pub fn readings(snapshot: &Snapshot, settings: &Settings) -> Vec<Reading> {
    let mut all = Vec::new();
    disk::read(snapshot, settings, &mut all);
    memory::read(snapshot, settings, &mut all);
    pressure::read(snapshot, settings, &mut all);
    service::read(snapshot, &mut all);
    process::read(snapshot, &mut all);
    gpu::read(snapshot, settings, &mut all);
    clock::read(snapshot, &mut all);
    all
}
