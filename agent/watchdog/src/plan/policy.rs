//! May this be done here and now? Reads settings, snapshot and what was done before; does nothing.

use super::{ActionKind, Deed, Order, Origin, Proposal, Refusal, Ruling, is_program};
use crate::cooldown::{Backoff, Spent, Turn};
use crate::detect::incident::Incidents;
use crate::problem::{Kind, Severity};
use crate::settings::{Approval, Settings};
use crate::snapshot::{Candidate, Snapshot, Source};
use std::collections::BTreeSet;

/// How far the watchdog may go at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As the settings say.
    Live,
    /// Tell and note, change nothing on the host.
    DryRun,
    /// Paused by a person: note only.
    Paused,
}

impl Mode {
    /// Its name in heartbeats.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::DryRun => "dry_run",
            Self::Paused => "paused",
        }
    }
}

/// Why a proposal becomes no deed.
enum Held {
    Wait(String),
    Loop { unit: String, attempts: u32 },
    Refuse(Refusal),
}

impl From<Held> for Ruling {
    fn from(held: Held) -> Self {
        match held {
            Held::Wait(status) => Self::Wait(status),
            Held::Loop { unit, attempts } => Self::Loop { unit, attempts },
            Held::Refuse(refusal) => Self::Refuse(refusal),
        }
    }
}

/// Everything a ruling depends on.
#[derive(Clone, Copy)]
pub struct Policy<'a> {
    /// What is allowed at all.
    pub settings: &'a Settings,
    /// What the host looks like.
    pub snapshot: &'a Snapshot,
    /// Open troubles.
    pub incidents: &'a Incidents,
    /// Restarts so far.
    pub backoff: &'a Backoff,
    /// Actions of the last hour.
    pub spent: &'a Spent,
    /// Digests people agreed to.
    pub approved: &'a BTreeSet<String>,
    /// Handles of processes whose third sighting this is.
    pub ripe: &'a [String],
    /// How far to go.
    pub mode: Mode,
}

impl Policy<'_> {
    /// Judges a proposal.
    #[must_use]
    pub fn rule(&self, proposal: &Proposal) -> Ruling {
        let now = self.snapshot.at.0;
        let kind = proposal.action;
        let deed = match self.deed(proposal) {
            Ok(deed) => deed,
            Err(held) => return held.into(),
        };
        if self.mode == Mode::Paused && kind != ActionKind::Log {
            return Ruling::Wait("paused".into());
        }
        if !self.spent.allows(kind, now, &self.settings.limits) {
            return Ruling::Wait("hourly-limit".into());
        }
        let order = Order::new(
            deed,
            &proposal.reason,
            proposal.origin,
            proposal.incident.clone(),
        );
        if self.mode == Mode::DryRun && kind.changes_host() {
            return Ruling::DryRun(order);
        }
        match self.settings.approval_of(kind) {
            Approval::Auto => Ruling::Act(order),
            Approval::Ask if self.approved.contains(&order.deed().digest()) => Ruling::Act(order),
            Approval::Ask => Ruling::Ask(order),
            Approval::Never => refuse("the settings say never").into(),
        }
    }

    fn deed(&self, proposal: &Proposal) -> Result<Deed, Held> {
        match proposal.action {
            ActionKind::RestartService => self.restart(&proposal.target),
            ActionKind::KillPid => self.kill(proposal),
            ActionKind::KillTmux => self.kill_tmux(&proposal.target),
            ActionKind::CleanDisk => self.clean(&proposal.target),
            ActionKind::Alert => text_of(proposal).map(|text| Deed::Alert { text }),
            ActionKind::Log => text_of(proposal).map(|text| Deed::Log { text }),
        }
    }

    fn restart(&self, handle: &str) -> Result<Deed, Held> {
        let service = self.snapshot.service(handle).ok_or_else(unknown)?;
        let unit = service
            .unit
            .as_ref()
            .ok_or_else(|| refuse("no unit stands behind this check"))?;
        if !self.settings.services.units.contains(unit) {
            return Err(refuse("the unit is not in services.units"));
        }
        if service.ok {
            return Err(refuse("the service is well"));
        }
        match self
            .backoff
            .turn(unit, self.snapshot.at.0, &self.settings.restart)
        {
            Turn::Go(_) => Ok(Deed::RestartService { unit: unit.clone() }),
            Turn::Wait(seconds) => Err(Held::Wait(format!("wait:{seconds}"))),
            Turn::Cooldown(seconds) => Err(Held::Wait(format!("cooldown:{seconds}"))),
            Turn::Loop(attempts) => Err(Held::Loop {
                unit: unit.clone(),
                attempts,
            }),
        }
    }

    fn kill(&self, proposal: &Proposal) -> Result<Deed, Held> {
        let process = self
            .snapshot
            .process(&proposal.target)
            .ok_or_else(unknown)?;
        let ripe = proposal.origin == Origin::Rule && self.ripe.contains(&proposal.target);
        self.may_end(process, ripe)?;
        let identity = process
            .identity
            .clone()
            .ok_or_else(|| refuse("the process cannot be identified"))?;
        Ok(Deed::KillPid {
            identity,
            boot_id: self.snapshot.boot_id.clone(),
        })
    }

    fn may_end(&self, process: &Candidate, ripe: bool) -> Result<(), Held> {
        let rule = &self.settings.kill;
        if let Some(run) = &process.run {
            return Err(Held::Refuse(Refusal {
                why: format!("process {} belongs to run {run}", process.pid),
                run: Some(run.clone()),
            }));
        }
        if self.snapshot.is_blind(Source::Runs) {
            return Err(refuse("it cannot be told which processes belong to runs"));
        }
        if process.own || process.pid <= 2 {
            return Err(refuse(
                "the process is this watchdog, its ancestor or the first one",
            ));
        }
        let identity = process
            .identity
            .as_ref()
            .ok_or_else(|| refuse("the process cannot be identified"))?;
        let listed = rule
            .programs
            .iter()
            .any(|name| is_program(&identity.exe, name));
        if !listed || identity.exe_file.is_none() {
            return Err(refuse("its program is not in kill.programs"));
        }
        if identity.uid != self.snapshot.uid && !rule.users.contains(&identity.uid) {
            return Err(refuse("it belongs to another user"));
        }
        if ["/system.slice/", "/init.scope"]
            .iter()
            .any(|start| identity.cgroup.starts_with(start))
        {
            return Err(refuse("it belongs to a service; restart that instead"));
        }
        if ripe {
            return Ok(());
        }
        if process.age_s < rule.min_age {
            return Err(refuse(format!("it lives for less than {} s", rule.min_age)));
        }
        // A process is no trouble by itself: something must be wrong that its end would mend.
        let wrong = self.incidents.open().any(|(_, incident)| {
            matches!(incident.kind, Kind::Memory | Kind::Swap)
                && incident.severity >= Severity::Critical
        });
        if wrong {
            Ok(())
        } else {
            Err(refuse("memory is not critical, so nothing would be mended"))
        }
    }

    fn kill_tmux(&self, handle: &str) -> Result<Deed, Held> {
        let session = self.snapshot.session(handle).ok_or_else(unknown)?;
        if let Some(run) = session.runs.first() {
            return Err(Held::Refuse(Refusal {
                why: format!("run {run} is at work in session {}", session.name),
                run: Some(run.clone()),
            }));
        }
        if self.snapshot.is_blind(Source::Runs) || self.snapshot.is_blind(Source::Processes) {
            return Err(refuse("it cannot be told which sessions hold runs"));
        }
        if self.settings.tmux.keep.contains(&session.name) {
            return Err(refuse("the session is in tmux.keep"));
        }
        let own = self
            .snapshot
            .processes
            .iter()
            .any(|p| p.own && session.panes.contains(&p.pid));
        if own || session.id.is_empty() {
            return Err(refuse("this watchdog runs in the session"));
        }
        Ok(Deed::KillTmux {
            socket: session.socket.clone(),
            server_pid: session.server_pid,
            id: session.id.clone(),
            name: session.name.clone(),
            created: session.created,
        })
    }

    fn clean(&self, handle: &str) -> Result<Deed, Held> {
        let disk = self
            .snapshot
            .disks
            .iter()
            .find(|d| d.handle == handle)
            .ok_or_else(unknown)?;
        let inodes = disk.usage.inodes_pct().unwrap_or(0.0);
        if disk.usage.used_pct().max(inodes) < self.settings.disk.warn {
            return Err(refuse("the disk is not full"));
        }
        Ok(Deed::CleanDisk {
            mount: Some(disk.mount.clone()),
        })
    }
}

fn text_of(proposal: &Proposal) -> Result<String, Held> {
    let text = crate::text::clean(proposal.reason.trim(), 3000);
    if text.is_empty() {
        Err(refuse("an empty text"))
    } else {
        Ok(text)
    }
}

fn refuse(why: impl Into<String>) -> Held {
    Held::Refuse(Refusal::because(why))
}

fn unknown() -> Held {
    refuse("the handle means nothing in this snapshot")
}
