//! Between a wish and a deed: what rules and models propose, and what the policy makes of it.
//!
//! A [`Proposal`] names an action and a handle of the snapshot and may come from anybody. Only
//! [`Policy::rule`] turns one into an [`Order`], and only an order can be carried out; nothing
//! outside this module can make one. So whatever is proposed, what happens is on the list.

mod order;
mod policy;

pub use order::{Deed, Order};
pub use policy::{Mode, Policy};

use serde::{Deserialize, Serialize};
use std::path::Path;

/// The six things the watchdog can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// Restarts a listed unit.
    RestartService,
    /// Ends a process.
    KillPid,
    /// Ends a tmux session.
    KillTmux,
    /// Removes old files.
    CleanDisk,
    /// Tells people.
    Alert,
    /// Notes an observation.
    Log,
}

impl ActionKind {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::RestartService,
        Self::KillPid,
        Self::KillTmux,
        Self::CleanDisk,
        Self::Alert,
        Self::Log,
    ];

    /// Its name in records and schemas.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RestartService => "restart_service",
            Self::KillPid => "kill_pid",
            Self::KillTmux => "kill_tmux",
            Self::CleanDisk => "clean_disk",
            Self::Alert => "alert",
            Self::Log => "log",
        }
    }

    /// Whether the host is another afterwards.
    #[must_use]
    pub fn changes_host(self) -> bool {
        !matches!(self, Self::Alert | Self::Log)
    }
}

/// Who wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A rule of this program.
    Rule,
    /// The model.
    Model,
}

/// A wish. Harmless: anybody may make one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub action: ActionKind,
    /// Handle of this snapshot; for alerts and observations, of what they are about, or empty.
    pub target: String,
    /// Why; the text itself for alerts and observations.
    pub reason: String,
    /// Who wants it.
    pub origin: Origin,
    /// Trouble it should end, for the recovery check.
    pub incident: Option<String>,
}

/// What the policy makes of a wish.
#[derive(Clone, Debug)]
pub enum Ruling {
    /// Do it.
    Act(Order),
    /// Say what would be done.
    DryRun(Order),
    /// A person has to agree first.
    Ask(Order),
    /// Not now; the words existing readers know, `wait:30`.
    Wait(String),
    /// Restarting does not help: the cooldown begins.
    Loop {
        /// The unit.
        unit: String,
        /// The attempt that would have been made.
        attempts: u32,
    },
    /// No.
    Refuse(Refusal),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In words.
    pub why: String,
    /// Run that would have been hurt; stopping it cleanly is the offer.
    pub run: Option<String>,
}

impl Refusal {
    pub(crate) fn because(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            run: None,
        }
    }
}

/// Whether the program at `exe` is the one a rule names: by full path, or by the name of its file.
/// Nothing in between, so `node` is not `node_exporter`.
#[must_use]
pub fn is_program(exe: &Path, rule: &str) -> bool {
    if rule.starts_with('/') {
        exe == Path::new(rule)
    } else {
        !rule.is_empty() && exe.file_name().is_some_and(|name| name == rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_programs_are_compared_whole() {
        for (exe, rule, same) in [
            ("/usr/bin/node", "node", true),
            ("/usr/bin/node", "/usr/bin/node", true),
            ("/opt/node", "/usr/bin/node", false),
            ("/usr/bin/node_exporter", "node", false),
            ("/usr/bin/nodex", "node", false),
            ("/opt/node/bin/x", "node", false),
            ("/usr/bin/node (deleted)", "node", false),
            ("/usr/bin/node", "", false),
        ] {
            assert_eq!(is_program(Path::new(exe), rule), same, "{exe} {rule}");
        }
    }
}
