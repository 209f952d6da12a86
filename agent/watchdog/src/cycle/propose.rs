//! What the rules want: the remedy of each trouble, and the end of what was left over.

use crate::detect::Remedy;
use crate::detect::incident::{Change, What};
use crate::detect::orphan::Sighted;
use crate::plan::{ActionKind, Origin, Proposal};

/// Proposals of the rules, in the order of the troubles.
pub(super) fn by_rules(changes: &[Change], sighted: &Sighted) -> Vec<Proposal> {
    let mut wanted: Vec<Proposal> = Vec::new();
    for change in changes.iter().filter(|c| c.what != What::Resolved) {
        let (action, target) = match &change.remedy {
            Some(Remedy::Restart(handle)) => (ActionKind::RestartService, handle),
            Some(Remedy::Clean(handle)) => (ActionKind::CleanDisk, handle),
            None => continue,
        };
        // A disk may be full in two ways; it is cleaned once.
        if wanted
            .iter()
            .any(|p| p.action == action && p.target == *target)
        {
            continue;
        }
        wanted.push(Proposal {
            action,
            target: target.clone(),
            reason: format!("{} ({})", change.incident.title, change.incident.detail),
            origin: Origin::Rule,
            incident: Some(change.id.clone()),
        });
    }
    wanted.extend(sighted.ripe.iter().map(|handle| Proposal {
        action: ActionKind::KillPid,
        target: handle.clone(),
        reason: "a test run of node that outlived whoever started it".into(),
        origin: Origin::Rule,
        incident: None,
    }));
    wanted
}
