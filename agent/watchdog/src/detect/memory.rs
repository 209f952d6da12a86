//! Memory and swap that run out, and the kernel's killings when they did.

use super::{Level, Reading};
use crate::problem::{Kind, Severity};
use crate::settings::Settings;
use crate::snapshot::{Snapshot, Source};
use crate::text::size;

pub(super) fn read(snapshot: &Snapshot, settings: &Settings, all: &mut Vec<Reading>) {
    let limits = &settings.memory;
    let push = |all: &mut Vec<Reading>, id: &str, kind, title: &str, detail, level| {
        all.push(Reading {
            id: id.into(),
            source: Source::Memory,
            kind,
            title: title.into(),
            detail,
            level,
            remedy: None,
            sightings: (1, 1),
        });
    };
    let used = snapshot.memory.used_pct();
    let detail = format!(
        "{used:.1}% used, {} available; {}",
        size(snapshot.memory.available_bytes),
        hog(snapshot, settings)
    );
    let level = Level::of(used, limits.warn, limits.critical, limits.margin);
    push(
        all,
        "memory_full",
        Kind::Memory,
        "Memory is almost used up",
        detail,
        level,
    );
    if let Some(swap) = snapshot.memory.swap_used_pct() {
        let level = Level::of(swap, limits.swap_warn, limits.swap_critical, limits.margin);
        push(
            all,
            "swap_full",
            Kind::Swap,
            "Swap is almost used up",
            format!("{swap:.1}% used"),
            level,
        );
    }
    if let Some(group) = &snapshot.cgroup
        && let (Some(used), Some(limit)) = (group.memory_bytes, group.memory_limit_bytes)
        && limit > 0
    {
        let pct = used as f64 / limit as f64 * 100.0;
        let detail = format!("{} of {}", size(used), size(limit));
        // The cache of files counts too and is given back: only the very end is trouble.
        let level = Level::of(pct, 97.0, 99.5, limits.margin);
        push(
            all,
            "cgroup_full",
            Kind::Memory,
            "The watchdog's own memory limit is near",
            detail,
            level,
        );
    }
    let kills = snapshot.oom_kills;
    let detail = format!("{kills} since the last look; {}", hog(snapshot, settings));
    let level = Level::bad_if(kills > 0, Severity::Critical);
    push(
        all,
        "oom_kill",
        Kind::Memory,
        "The kernel killed processes for lack of memory",
        detail,
        level,
    );
}

/// The largest process, in the words existing readers look for.
pub(crate) fn hog(snapshot: &Snapshot, settings: &Settings) -> String {
    let Some(hog) = snapshot.hog() else {
        return "hog_process=unknown".into();
    };
    let pct = hog.rss_bytes as f64 / snapshot.memory.total_bytes.max(1) as f64 * 100.0;
    let program = hog.program().unwrap_or(&hog.name);
    let name: String = program
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | ';' | '='))
        .collect();
    let exe = hog.identity.as_ref().map(|i| i.exe.as_path());
    let listed = exe.is_some_and(|exe| {
        settings
            .kill
            .programs
            .iter()
            .any(|rule| crate::plan::is_program(exe, rule))
    });
    format!(
        "hog_process={},hog_pid={},hog_rss_kb={},hog_mem_pct={pct:.1},hog_runtime={},hog_kill_candidate={}{}",
        crate::text::clean(&name, 40),
        hog.pid,
        hog.rss_bytes / 1024,
        runtime(hog.age_s),
        if listed && hog.run.is_none() {
            "yes"
        } else {
            "no"
        },
        hog.run
            .as_ref()
            .map(|run| format!(",hog_run={run}"))
            .unwrap_or_default(),
    )
}

/// As `ps` writes it: `[[days-]hours:]minutes:seconds`.
fn runtime(seconds: u64) -> String {
    let (days, hours, minutes, rest) = (
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    );
    match (days, hours) {
        (0, 0) => format!("{minutes:02}:{rest:02}"),
        (0, _) => format!("{hours:02}:{minutes:02}:{rest:02}"),
        _ => format!("{days}-{hours:02}:{minutes:02}:{rest:02}"),
    }
}
