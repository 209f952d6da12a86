//! Time lost waiting. A machine at full load is well as long as nothing waits long.

use super::{Level, Reading};
use crate::problem::{Kind, Severity};
use crate::settings::Settings;
use crate::snapshot::{Snapshot, Source};

pub(super) fn read(snapshot: &Snapshot, settings: &Settings, all: &mut Vec<Reading>) {
    let limits = &settings.pressure;
    let mut push = |id: &str, kind, title: &str, value: f64, limit: f64, severity, what: &str| {
        let level = match Level::of(value, limit, limit, limit * 0.3) {
            Level::Bad(_) => Level::Bad(severity),
            other => other,
        };
        all.push(Reading {
            id: id.into(),
            source: Source::System,
            kind,
            title: title.into(),
            detail: format!("{what} {value:.1}, limit {limit:.1}"),
            level,
            remedy: None,
            sightings: (2, 3),
        });
    };
    let share = "percent of the last minute:";
    let p = &snapshot.pressures;
    if let Some(memory) = p.memory {
        push(
            "pressure_memory",
            Kind::Memory,
            "Everything waits for memory",
            memory.full.avg60,
            limits.memory,
            Severity::Critical,
            share,
        );
    }
    if let Some(io) = p.io {
        push(
            "pressure_io",
            Kind::Disk,
            "Everything waits for disks",
            io.full.avg60,
            limits.io,
            Severity::Warning,
            share,
        );
    }
    if let Some(cpu) = p.cpu {
        push(
            "pressure_cpu",
            Kind::Process,
            "Tasks wait for a processor",
            cpu.some.avg60,
            limits.cpu,
            Severity::Info,
            share,
        );
    }
    let per_core = snapshot.load.five / snapshot.cores.max(1) as f64;
    push(
        "load",
        Kind::Process,
        "Load is high",
        per_core,
        limits.load,
        Severity::Info,
        "per processor over five minutes:",
    );
}
