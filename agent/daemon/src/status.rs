//! `status.json`: what the daemon is doing, for `argus-agent status` and `runs`.

use crate::identity::write_whole;
use crate::journal::Phase;
use crate::state::{Hold, Standing, State};
use client::{PolicyNote, RunNote};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Process of the daemon.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Server.
    pub server: String,
    /// Identity there.
    pub agent_id: String,
    /// Name of this host there.
    pub hostname: String,
    /// How it stands with the server, in words.
    pub standing: String,
    /// Whether that is well.
    pub well: bool,
    /// Whether the journal can be written.
    pub journal_well: bool,
    /// Whether runs have cgroups of their own.
    pub cgroups: bool,
    /// Runs that are not over.
    pub runs: Vec<Shown>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Command.
    pub cmd: String,
    /// Batch.
    pub batch_id: String,
    /// What it is doing.
    pub state: String,
    /// Process.
    pub pid: Option<u32>,
    /// Command line, without secrets.
    pub argv: Vec<String>,
    /// Begin.
    pub started_at: Option<String>,
}

/// How it stands with the server, in words, and whether that is well.
pub fn standing(standing: &Standing) -> (String, bool) {
    match standing {
        Standing::Unknown => ("connecting".to_owned(), true),
        Standing::Fine => ("connected".to_owned(), true),
        Standing::Away(tries, why) => (format!("not reached, {tries} tries: {why}"), false),
        Standing::Unwanted(status, why) => {
            let hint = "run `argus-agent login`";
            (
                format!("the server refuses this agent ({status} {why}): {hint}"),
                false,
            )
        }
    }
}

/// Runs that are not over.
pub fn shown(state: &State) -> Vec<Shown> {
    let open = state
        .runs
        .values()
        .filter(|r| r.record.phase != Phase::Done);
    open.map(|run| Shown {
        cmd: run.record.cmd.clone(),
        batch_id: run.record.batch_id.clone(),
        state: match (run.record.phase, &run.hold) {
            (Phase::Received, Hold::Approval) => "waits for approval".to_owned(),
            (Phase::Received, Hold::Turn(why)) if !why.is_empty() => format!("waits: {why}"),
            (Phase::Received, _) => "received".to_owned(),
            (Phase::Spawning | Phase::Spawned, _) => "starting".to_owned(),
            (Phase::Acked, _) if run.record.stop.is_some() => "stopping".to_owned(),
            (Phase::Acked, _) => "running".to_owned(),
            (Phase::Exited, _) => "ended, to be reported".to_owned(),
            (Phase::Refused, _) => "refused, to be reported".to_owned(),
            (Phase::Done, _) => "over".to_owned(),
        },
        pid: run.record.process.as_ref().map(|p| p.pid),
        argv: run.record.argv.clone(),
        started_at: run.record.started_at.clone(),
    })
    .collect()
}

/// The same for the server.
pub fn notes(shown: &[Shown]) -> Vec<RunNote> {
    let note = |run: &Shown| RunNote {
        cmd_id: run.cmd.clone(),
        batch_id: run.batch_id.clone(),
        pid: run.pid,
        state: run.state.clone(),
    };
    shown.iter().take(100).map(note).collect()
}

/// The rules for the server.
pub fn policy_note(state: &State) -> Option<PolicyNote> {
    let approve = state.policies.iter().map(|p| p.approve).max()?;
    let summary = state
        .policies
        .iter()
        .flat_map(|p| p.summary())
        .take(20)
        .collect();
    Some(PolicyNote {
        approve: approve.as_str().to_owned(),
        summary,
    })
}

/// Puts it on the disk; failing is no error, since a full disk must not stop anything.
pub fn store(path: &Path, status: &Status) {
    if let Ok(text) = serde_json::to_vec_pretty(status) {
        let _ = write_whole(path, &text);
    }
}

/// Reads it.
pub fn load(path: &Path) -> Option<Status> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
