//! Proposals are ruled upon, orders carried out, and what was done is checked later.

use super::record::Row;
use super::rows::{refused, row, waiting};
use super::{Round, Trace, Watchdog};
use crate::act::{self, Done};
use crate::detect::disk_mount_of;
use crate::ledger::Recovery;
use crate::plan::{Deed, Order, Origin, Policy, Proposal, Ruling};
use crate::problem::{Outcome, Severity};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

impl Watchdog {
    pub(super) fn policy<'a>(
        &'a self,
        round: &'a Round,
        agreed: &'a BTreeSet<String>,
    ) -> Policy<'a> {
        Policy {
            settings: &self.settings,
            snapshot: &round.snapshot,
            incidents: &self.ledger.incidents,
            backoff: &self.ledger.backoff,
            spent: &self.ledger.spent,
            approved: agreed,
            ripe: &round.sighted.ripe,
            mode: round.mode,
        }
    }

    /// Digests people agreed to, here or on the server. A no said anywhere counts.
    pub(super) fn agreed(&self) -> BTreeSet<String> {
        let mut answers = self.ledger.answers.0.clone();
        if self.settings.approval.from_server
            && let Some(link) = &self.link
        {
            for (digest, yes) in link.policy().answers() {
                let both = answers.get(&digest).copied().unwrap_or(yes) && yes;
                answers.insert(digest, both);
            }
        }
        self.ledger.asks.agreed(&answers)
    }

    /// Proposals for deeds that were agreed to: the same target, found in today's snapshot.
    pub(super) fn agreed_proposals(&self, snapshot: &crate::snapshot::Snapshot) -> Vec<Proposal> {
        let agreed = self.agreed();
        let asks = self
            .ledger
            .asks
            .0
            .iter()
            .filter(|(digest, _)| agreed.contains(*digest));
        asks.filter_map(|(_, ask)| {
            let target = match &ask.deed {
                Deed::RestartService { unit } => snapshot
                    .services
                    .iter()
                    .find(|s| s.unit.as_ref() == Some(unit))
                    .map(|s| &s.handle),
                Deed::KillPid { identity, .. } => snapshot
                    .processes
                    .iter()
                    .find(|p| p.identity.as_ref() == Some(identity))
                    .map(|p| &p.handle),
                Deed::KillTmux { id, socket, .. } => snapshot
                    .sessions
                    .iter()
                    .find(|t| t.id == *id && t.socket == *socket)
                    .map(|t| &t.handle),
                Deed::CleanDisk { mount } => snapshot
                    .disks
                    .iter()
                    .find(|d| Some(&d.mount) == mount.as_ref())
                    .map(|d| &d.handle),
                Deed::Alert { .. } | Deed::Log { .. } => None,
            };
            Some(Proposal {
                action: ask.deed.kind(),
                target: target?.clone(),
                reason: ask.reason.clone(),
                origin: Origin::Rule,
                incident: None,
            })
        })
        .collect()
    }

    /// Rules upon one proposal and carries out what may be. Returns the ruling in a line.
    pub(super) fn decide(
        &mut self,
        round: &mut Round,
        proposal: &Proposal,
    ) -> std::io::Result<String> {
        let agreed = self.agreed();
        let ruling = self.policy(round, &agreed).rule(proposal);
        let name = proposal.action.name();
        let line = match ruling {
            Ruling::Act(order) => {
                let done = self.perform(round, &order)?;
                format!("{name} {}: {}", proposal.target, done)
            }
            Ruling::DryRun(order) => {
                self.ledger
                    .spent
                    .count(proposal.action, round.snapshot.at.0);
                let preview = self.preview(round, &order);
                round
                    .rows
                    .push(row(&order, Outcome::Skipped, "dry_run", &preview));
                format!("{name} {}: dry run", proposal.target)
            }
            Ruling::Ask(order) => {
                self.ask(round, &order);
                format!("{name} {}: asked", proposal.target)
            }
            Ruling::Wait(status) => {
                round.rows.push(waiting(round, proposal, &status));
                format!("{name} {}: {status}", proposal.target)
            }
            Ruling::Loop { unit, attempts } => {
                self.ledger
                    .backoff
                    .cool(&unit, round.snapshot.at.0, &self.settings.restart);
                let mut looped = waiting(round, proposal, &format!("loop-detected:{attempts}"));
                looped.result = Outcome::Failure;
                looped.severity = Severity::Critical;
                looped.verdict = "refused";
                round.rows.push(looped);
                format!("{name} {unit}: restarting does not help")
            }
            Ruling::Refuse(refusal) => {
                let line = format!("{name} {}: refused, {}", proposal.target, refusal.why);
                round.rows.push(refused(round, proposal, refusal));
                line
            }
        };
        self.write_rows(round)?;
        Ok(line)
    }

    fn perform(&mut self, round: &mut Round, order: &Order) -> std::io::Result<String> {
        let now = round.snapshot.at.0;
        let kind = order.deed().kind();
        // Counted and on disk before the deed: a crash in the middle must not let it be repeated
        // for ever.
        if kind.changes_host() {
            self.ledger.spent.count(kind, now);
            if self.trace == Trace::Full {
                crate::state::save(
                    &self.settings.state_file("actions.json"),
                    &self.ledger.spent,
                )?;
            }
        }
        let done = match order.deed() {
            Deed::RestartService { unit } => self.restart(unit, now, order.incident().is_some()),
            Deed::KillPid { identity, boot_id } => {
                let grace = Duration::from_secs(self.settings.kill.grace);
                act::kill::kill(identity, boot_id, self.collector.probe(), grace)
            }
            deed @ Deed::KillTmux { .. } => match &self.tmux {
                Some(program) => act::tmux::kill_session(program, deed),
                None => Done::failure("tmux is not installed"),
            },
            Deed::CleanDisk { mount } => {
                self.clean(round, mount.as_deref(), !self.settings.clean.dry_run)
            }
            Deed::Alert { text } => {
                self.alert_text(round, text, order.origin());
                return Ok("told".into());
            }
            Deed::Log { text } => {
                self.observe(round, text, order.origin());
                return Ok("noted".into());
            }
        };
        round.actions += usize::from(kind.changes_host() && done.outcome == Outcome::Success);
        let verdict = match done.outcome {
            Outcome::Success => "done",
            Outcome::Failure => "failed",
            Outcome::Skipped | Outcome::Suppressed => "refused",
        };
        let summary = format!("{}: {}", done.outcome.name(), done.detail);
        let made = row(order, done.outcome, verdict, &done.detail);
        round.rows.push(made);
        self.ledger.asks.0.remove(&order.deed().digest());
        if let (Some(id), Outcome::Success) = (order.incident(), done.outcome)
            && let Some(incident) = self.ledger.incidents.0.get(id)
        {
            self.ledger.notes.recoveries.push(Recovery {
                incident: id.to_owned(),
                kind: incident.kind,
                title: incident.title.clone(),
                action: format!("{}:{}", kind.name(), order.deed().target()),
                due: now + self.settings.recovery.after.cast_signed(),
            });
        }
        Ok(summary)
    }

    fn restart(&mut self, unit: &str, now: i64, checked: bool) -> Done {
        let mut done = act::restart::restart(unit, &self.settings.services);
        if done.outcome != Outcome::Skipped {
            let success = done.outcome == Outcome::Success;
            // Where a trouble stands behind it, only the recovery check knows whether it helped.
            if !(success && checked) {
                self.ledger
                    .backoff
                    .note(unit, now, success, &self.settings.restart);
            }
            if !success {
                let failed = self
                    .ledger
                    .backoff
                    .services
                    .get(unit)
                    .map_or(1, |a| a.attempts);
                done.detail = format!("{}; restart_backoff=failed:{failed}", done.detail);
            }
        }
        done
    }

    fn clean(&self, round: &Round, mount: Option<&std::path::Path>, execute: bool) -> Done {
        let snapshot = &round.snapshot;
        let fits =
            |root: &&std::path::PathBuf| mount.is_none() || disk_mount_of(root, snapshot) == mount;
        let rule = &self.settings.clean;
        let scope = act::clean::Scope {
            roots: rule.roots.iter().filter(fits).cloned().collect(),
            archives: rule.archives.iter().filter(fits).cloned().collect(),
        };
        let usage = || {
            self.collector
                .probe()
                .fs_usage(mount.unwrap_or(std::path::Path::new("/")))
                .unwrap_or_default()
        };
        let before = usage();
        let worst = before.used_pct().max(before.inodes_pct().unwrap_or(0.0));
        if execute && worst < self.settings.disk.warn {
            return Done::skipped("the disk is not full any more");
        }
        let report = act::clean::clean(&scope, rule, snapshot.at, execute);
        let mut detail = format!(
            "before_pct={:.0},after_pct={:.0},reclaimed_bytes={},removed_entries={},mode={}",
            before.used_pct(),
            usage().used_pct(),
            report.reclaimed_bytes,
            report.removed_entries,
            if execute { "execute" } else { "dry-run" },
        );
        if report.failed > 0 {
            detail.push_str(&format!(",failed={}", report.failed));
        }
        if report.capped {
            detail.push_str(",capped=yes");
        }
        for folder in &report.unusable {
            detail.push_str(&format!("; not cleaned: {folder}"));
        }
        if report.removed_entries == 0
            && !scope.roots.is_empty()
            && report.unusable.len() == scope.roots.len()
        {
            return Done::failure(detail);
        }
        Done::success(detail)
    }

    /// What a dry run can say beyond the order itself.
    fn preview(&self, round: &Round, order: &Order) -> String {
        match order.deed() {
            Deed::CleanDisk { mount } => self.clean(round, mount.as_deref(), false).detail,
            Deed::KillPid { identity, .. } => {
                format!("{} of user {}", identity.exe.display(), identity.uid)
            }
            _ => String::new(),
        }
    }

    fn ask(&mut self, round: &mut Round, order: &Order) {
        let life = self.settings.approval.expires;
        let digest = order.deed().digest();
        let now = round.snapshot.at;
        let fresh = self
            .ledger
            .asks
            .ask(order.deed(), order.reason(), now.0, life);
        let mut how = format!("agree with: argus-watchdog approve {}", &digest[..12]);
        if self.link.is_some() && self.settings.approval.from_server {
            let url = self.settings.server.url.trim_end_matches('/');
            how.push_str(&format!(", or at {url}/hosts/{}", round.snapshot.host));
        }
        if !fresh {
            return;
        }
        let deed = order.deed();
        let expires = crate::time::Stamp(now.0 + life.cast_signed());
        round.rows.push(Row {
            ask: Some(json!({
                "action": deed.kind().name(), "target": deed.target(), "digest": digest,
                "expires_at": expires, "reason": order.reason(),
            })),
            ..row(order, Outcome::Skipped, "asked", &how)
        });
        if self.trace == Trace::Full {
            let text = format!(
                "May I {} {}? {} ({how})",
                deed.kind().name(),
                deed.target(),
                order.reason()
            );
            self.alert_text(round, &text, Origin::Rule);
        }
    }
}
