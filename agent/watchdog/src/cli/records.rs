//! Commands over the records.

use super::{Exit, failed, print};
use crate::beads::Beads;
use crate::ledger::Notes;
use crate::log::Log;
use crate::settings::{Environment, Settings};
use crate::time::Stamp;
use crate::{audit, patterns, registry, state, stats, summary};
use std::path::PathBuf;

pub(super) fn stats(settings: Settings, file: Option<PathBuf>, days: Option<u64>) -> Exit {
    let notes: Notes = state::load(&settings.state_file("notes.json"))
        .map(state::Loaded::or_default)
        .unwrap_or_default();
    let days = days.unwrap_or(settings.patterns.stats_days);
    let figures = match stats::stats(&settings.files.problems, &notes.tally, Stamp::now(), days) {
        Ok(figures) => figures,
        Err(e) => return failed(&format!("{}: {e}", settings.files.problems.display())),
    };
    if figures.unreadable_lines > 0 {
        eprintln!(
            "argus-watchdog: {} lines of the registry could not be read",
            figures.unreadable_lines
        );
    }
    match file {
        Some(file) => match state::save(&file, &figures) {
            Ok(()) => Exit::Ok,
            Err(e) => failed(&format!("{}: {e}", file.display())),
        },
        None => print_json(&figures),
    }
}

pub(super) fn summary(settings: &Settings, environment: &Environment, dry_run: bool) -> Exit {
    if dry_run {
        return failed("a summary is sent or it is not; `stats` alone shows its figures");
    }
    match summary::send(settings, environment, &Log::new(None, false, false)) {
        Ok(text) => print(&format!("{text}\n")),
        Err(e) => failed(&e.to_string()),
    }
}

pub(super) fn patterns(
    mut settings: Settings,
    environment: &Environment,
    detect: bool,
    days: Option<u64>,
) -> Exit {
    if let Some(days) = days {
        settings.patterns.window_days = days;
    }
    if detect {
        let beads = Beads::of(
            &settings.beads,
            environment.get("PATH").unwrap_or("/usr/bin:/bin"),
        );
        return match patterns::detect(&settings, beads.as_ref(), Stamp::now()) {
            Ok(line) => print(&format!("{line}\n")),
            Err(e) => failed(&e.to_string()),
        };
    }
    match patterns::analyse(&settings, Stamp::now()) {
        Ok(analysis) => print_json(&analysis),
        Err(e) => failed(&e.to_string()),
    }
}

pub(super) fn problems(settings: &Settings, lines: usize, json: bool) -> Exit {
    let rows = match registry::last(&settings.files.problems, lines, |_| true) {
        Ok(rows) => rows,
        Err(e) => return failed(&format!("{}: {e}", settings.files.problems.display())),
    };
    let line = |row: &crate::problem::Problem| {
        if json {
            return serde_json::to_string(row).unwrap_or_default() + "\n";
        }
        format!(
            "{}  {:8}  {:7}  {} {}  {}\n",
            row.ts,
            row.severity.name(),
            row.kind.name(),
            row.action_taken,
            row.action_result.name(),
            crate::text::clean(&row.description, 200)
        )
    };
    print(&rows.iter().map(line).collect::<String>())
}

pub(super) fn verify(settings: &Settings) -> Exit {
    match audit::verify(&settings.state_dir) {
        Ok((count, None)) => print(&format!(
            "{count} lines, each follows from the one before\n"
        )),
        Ok((count, Some(line))) => failed(&format!(
            "line {line} of {count} does not follow from the one before"
        )),
        Err(e) => failed(&e.to_string()),
    }
}

pub(super) fn print_json<T: serde::Serialize>(value: &T) -> Exit {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&(text + "\n")),
        Err(e) => failed(&e.to_string()),
    }
}
