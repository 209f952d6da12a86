//! What it would do: about this host now, or about a snapshot from a file.

use super::records::print_json;
use super::{Exit, failed, print};
use crate::brain::{Brain, Scripted};
use crate::cycle::{Trace, Watchdog};
use crate::plan::{Order, Proposal, Ruling};
use crate::settings::{Environment, Settings};
use crate::snapshot::Snapshot;
use probe::Probe;
use std::path::Path;

pub(super) fn explain(settings: Settings, environment: Environment, only_snapshot: bool) -> Exit {
    let mut watchdog = match Watchdog::new(settings, environment, Probe::live(), Trace::None, false)
    {
        Ok(watchdog) => watchdog,
        Err(e) => return failed(&e.to_string()),
    };
    match watchdog.look() {
        Ok(snapshot) if only_snapshot => print_json(&snapshot),
        Ok(snapshot) => said(&mut watchdog, snapshot),
        Err(e) => failed(&e.to_string()),
    }
}

pub(super) fn replay(
    settings: Settings,
    environment: Environment,
    file: &Path,
    answer: Option<&Path>,
) -> Exit {
    let read = |file: &Path| std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()));
    let snapshot: Result<Snapshot, String> = read(file).and_then(|bytes| {
        serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", file.display()))
    });
    let snapshot = match snapshot {
        Ok(snapshot) => snapshot,
        Err(e) => return failed(&e),
    };
    let brain = match answer.map(|file| {
        read(file).and_then(|bytes| serde_json::from_slice(&bytes).map_err(|e| e.to_string()))
    }) {
        None => None,
        Some(Ok(value)) => Some(Brain::Scripted(Scripted::new([value]))),
        Some(Err(e)) => return failed(&e),
    };
    match Watchdog::new(settings, environment, Probe::live(), Trace::None, false) {
        Ok(watchdog) => said(&mut watchdog.with_brain(brain), snapshot),
        Err(e) => failed(&e.to_string()),
    }
}

fn said(watchdog: &mut Watchdog, snapshot: Snapshot) -> Exit {
    let (judged, troubles) = watchdog.explain(snapshot);
    let mut text = String::from("Troubles\n");
    for line in &troubles {
        text.push_str(&format!("  {line}\n"));
    }
    if troubles.is_empty() {
        text.push_str("  none\n");
    }
    text.push_str("Proposals\n");
    for (proposal, ruling) in &judged {
        text.push_str(&format!("  {}\n", line(proposal, ruling)));
    }
    if judged.is_empty() {
        text.push_str("  none\n");
    }
    print(&text)
}

fn line(proposal: &Proposal, ruling: &Ruling) -> String {
    let order = |order: &Order| format!("{} {}", order.deed().kind().name(), order.deed().target());
    let verdict = match ruling {
        Ruling::Act(o) => format!("would do: {}", order(o)),
        Ruling::DryRun(o) => format!("would do, but this is a dry run: {}", order(o)),
        Ruling::Ask(o) => format!("would ask a person: {}", order(o)),
        Ruling::Wait(status) => format!("would wait ({status})"),
        Ruling::Loop { unit, attempts } => {
            format!("would give up on {unit} after {attempts} attempts, for a while")
        }
        Ruling::Refuse(refusal) => format!("would refuse: {}", refusal.why),
    };
    let who = match proposal.origin {
        crate::plan::Origin::Rule => "rule",
        crate::plan::Origin::Model => "model",
    };
    let reason = crate::text::clean(&proposal.reason, 160);
    format!(
        "[{who}] {} {}: {verdict}; because {reason}",
        proposal.action.name(),
        proposal.target
    )
}
