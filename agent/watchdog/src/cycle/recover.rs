//! Did what was done help? Asked of every action that was meant to end a trouble.

use super::record::Row;
use super::{Round, Watchdog};
use crate::ledger::Recovery;
use crate::plan::Origin;
use crate::problem::{Outcome, Severity};

impl Watchdog {
    /// Looks at the troubles whose time has come: over, or somebody is told.
    pub(super) fn check_recoveries(&mut self, round: &mut Round) {
        let now = round.snapshot.at;
        let (due, later) = std::mem::take(&mut self.ledger.notes.recoveries)
            .into_iter()
            .partition(|r: &Recovery| r.due <= now.0);
        self.ledger.notes.recoveries = later;
        for check in due {
            let still = self
                .ledger
                .incidents
                .0
                .get(&check.incident)
                .filter(|i| i.readings & 1 == 1)
                .cloned();
            self.ledger.tally(now.day(), still.is_none());
            if let Some(unit) = check.action.strip_prefix("restart_service:") {
                let rule = &self.settings.restart;
                self.ledger.backoff.note(unit, now.0, still.is_none(), rule);
            }
            let (recovery, severity) = if still.is_some() {
                ("escalated", Severity::Critical)
            } else {
                ("recovered", Severity::Info)
            };
            let (kind, title) = (check.kind, &check.title);
            let text = match &still {
                Some(incident) => format!(
                    "{} did not help: {} ({})",
                    check.action, incident.title, incident.detail
                ),
                None => format!("{} helped: {title} is over", check.action),
            };
            round.rows.push(Row {
                kind,
                severity,
                title: format!("{} {recovery}", check.action),
                description: text.clone(),
                action_taken: format!("check:{}", check.action),
                result: if still.is_some() {
                    Outcome::Failure
                } else {
                    Outcome::Success
                },
                verdict: recovery,
                origin: Origin::Rule,
                reason: "recovery check".into(),
                run: None,
                recovery: Some(recovery),
                ask: None,
            });
            if still.is_some() {
                self.alert_trouble(
                    round,
                    kind,
                    severity,
                    &format!("{} did not help", check.action),
                    &text,
                );
            }
        }
    }
}
