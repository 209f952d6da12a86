//! Rows about orders and about proposals that became none.

use super::Round;
use super::record::Row;
use crate::plan::{ActionKind, Deed, Order, Proposal, Refusal};
use crate::problem::{Kind, Outcome, Severity};

fn kind_of(action: ActionKind) -> Kind {
    match action {
        ActionKind::RestartService => Kind::Service,
        ActionKind::CleanDisk => Kind::Disk,
        _ => Kind::Process,
    }
}

fn action_taken(order: &Order) -> String {
    format!("{}:{}", order.deed().kind().name(), order.deed().target())
}

pub(super) fn row(order: &Order, result: Outcome, verdict: &'static str, detail: &str) -> Row {
    let (target, reason) = (order.deed().target(), order.reason());
    let (title, head) = match order.deed() {
        Deed::RestartService { .. } => (
            format!("Service action for {target}"),
            format!("Service action for {target}: {reason}"),
        ),
        Deed::KillPid { identity, .. } => {
            let program = identity.exe.display();
            (
                format!("Kill {program}"),
                format!("Kill PID {target}: {reason} ({program})"),
            )
        }
        Deed::KillTmux { .. } => (
            format!("Kill tmux {target}"),
            format!("Kill tmux {target}: {reason}"),
        ),
        _ => (
            "Disk cleanup triggered".into(),
            format!("Disk cleanup triggered: {reason}"),
        ),
    };
    let severity = if result == Outcome::Failure {
        Severity::Critical
    } else {
        Severity::Warning
    };
    Row {
        kind: kind_of(order.deed().kind()),
        severity,
        title,
        description: if detail.is_empty() {
            head
        } else {
            format!("{head}; {detail}")
        },
        action_taken: action_taken(order),
        result,
        verdict,
        origin: order.origin(),
        reason: reason.to_owned(),
        run: None,
        recovery: None,
        ask: None,
    }
}

/// Name of a handle's target for records, where there is no order to say it.
fn target_name(round: &Round, proposal: &Proposal) -> String {
    let snapshot = &round.snapshot;
    let found = match proposal.action {
        ActionKind::RestartService => snapshot
            .service(&proposal.target)
            .map(|s| s.unit.clone().unwrap_or_else(|| s.name.clone())),
        ActionKind::KillPid => snapshot
            .process(&proposal.target)
            .map(|p| p.pid.to_string()),
        ActionKind::KillTmux => snapshot.session(&proposal.target).map(|t| t.name.clone()),
        ActionKind::CleanDisk => Some("safelist".into()),
        ActionKind::Alert => Some("suppressed".into()),
        ActionKind::Log => Some("observation".into()),
    };
    found.unwrap_or_else(|| crate::text::clean(&proposal.target, 20))
}

pub(super) fn waiting(round: &Round, proposal: &Proposal, status: &str) -> Row {
    let target = target_name(round, proposal);
    let name = proposal.action.name();
    let (title, mark) = match proposal.action {
        ActionKind::RestartService => (format!("Service action for {target}"), "restart_backoff="),
        _ => (format!("{name} of {target} waits"), ""),
    };
    Row {
        kind: kind_of(proposal.action),
        severity: Severity::Warning,
        description: format!("{title}: {}; {mark}{status}", proposal.reason),
        title,
        action_taken: format!("{name}:{target}"),
        result: Outcome::Skipped,
        verdict: "waiting",
        origin: proposal.origin,
        reason: proposal.reason.clone(),
        run: None,
        recovery: None,
        ask: None,
    }
}

pub(super) fn refused(round: &Round, proposal: &Proposal, refusal: Refusal) -> Row {
    let target = target_name(round, proposal);
    let name = proposal.action.name();
    let offer = refusal
        .run
        .as_ref()
        .map(|run| format!("; to end it, stop run {run} cleanly from its page"));
    Row {
        kind: kind_of(proposal.action),
        severity: Severity::Info,
        title: format!("{name} of {target} was refused"),
        description: format!(
            "{name} of {target} was refused: {}{}",
            refusal.why,
            offer.unwrap_or_default()
        ),
        action_taken: format!("{name}:{target}"),
        result: Outcome::Skipped,
        verdict: "refused",
        origin: proposal.origin,
        reason: proposal.reason.clone(),
        run: refusal.run,
        recovery: None,
        ask: None,
    }
}
