//! Watchdogs: what the daemons that keep hosts healthy report, and what people ask of them.

use crate::account::UserId;
use crate::limits::WATCHDOG_SILENT_SECS;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Rarest a watchdog looks, in seconds.
const DAY_SECS: i64 = 86_400;

/// Kind of a record. Stored and sent as its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// How the host is.
    Snapshot,
    /// Something is wrong.
    Problem,
    /// Something was done, or would have been.
    Action,
    /// Something would be done, if somebody agreed.
    Ask,
    /// What was said to a model and back.
    Transcript,
    /// What a day came to.
    Summary,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Snapshot,
        Self::Problem,
        Self::Action,
        Self::Ask,
        Self::Transcript,
        Self::Summary,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Problem => "problem",
            Self::Action => "action",
            Self::Ask => "ask",
            Self::Transcript => "transcript",
            Self::Summary => "summary",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether only the watchdog's owner and administrators read it: it may quote processes and
    /// files of others.
    pub fn is_private(self) -> bool {
        matches!(self, Self::Ask | Self::Transcript)
    }
}

/// Something a watchdog reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The watchdog's own id for it.
    pub id: String,
    /// Kind.
    pub kind: RecordKind,
    /// When, by the host's clock.
    pub at: Timestamp,
    /// The rest, as JSON text.
    pub data_json: String,
    /// Which watchdog.
    pub agent: String,
    /// When we got it.
    pub received_at: Timestamp,
}

/// A time in which nothing is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Begin.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
}

/// A kind of problem nobody wants to hear of for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// `disk`, `memory`, …
    pub kind: String,
    /// Until then.
    pub until: Timestamp,
}

/// Somebody's word on an action a watchdog asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Of exactly this action.
    pub digest: String,
    /// It may be done.
    pub allow: bool,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What people ask of a watchdog. It may only narrow what the host's own file allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Grows with every change.
    pub version: u64,
    /// Does nothing until then.
    #[serde(default)]
    pub paused_until: Option<Timestamp>,
    /// Only says what it would do.
    #[serde(default)]
    pub dry_run: bool,
    /// Does nothing in between.
    #[serde(default)]
    pub maintenance: Option<Maintenance>,
    /// Kinds of problems that are not told.
    #[serde(default)]
    pub mute: Vec<Mute>,
    /// Words on what it asked for.
    #[serde(default)]
    pub approvals: Vec<Approval>,
}

/// Approvals that are kept; older ones have expired on the host.
pub const APPROVALS: usize = 50;

impl Wishes {
    /// Adds somebody's word; of two on one action the later counts.
    pub fn approve(&mut self, approval: Approval) {
        self.approvals
            .retain(|known| known.digest != approval.digest);
        self.approvals.push(approval);
        let excess = self.approvals.len().saturating_sub(APPROVALS);
        self.approvals.drain(..excess);
        self.version += 1;
    }
}

/// The last problem of a host, for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastProblem {
    /// When.
    pub at: Timestamp,
    /// `critical`, `warning` or `info`.
    pub severity: String,
    /// `disk`, `memory`, …
    pub kind: String,
    /// One line.
    pub description: String,
}

/// A watchdog, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watchdog {
    /// Agent it is registered as.
    pub agent: String,
    /// Whose.
    pub owner: UserId,
    /// Its host.
    pub host: String,
    /// Its version.
    pub version: String,
    /// `live`, `dry_run` or `paused`.
    pub mode: String,
    /// Last sign of life.
    pub last_seen: Timestamp,
    /// Seconds from one look to the next, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_secs: Option<i64>,
    /// Figures of its last cycle, as JSON text.
    pub cycle_json: String,
    /// Its last problem.
    #[serde(default)]
    pub last_problem: Option<LastProblem>,
    /// What people ask of it.
    #[serde(default)]
    pub wishes: Wishes,
}

impl Watchdog {
    /// It is silent when it was not heard of until then: three looks are missing.
    pub fn due(&self) -> Timestamp {
        let looks = self.interval_secs.unwrap_or(0).clamp(0, DAY_SECS) * 3;
        self.last_seen.plus_secs(looks.max(WATCHDOG_SILENT_SECS))
    }

    /// Whether it was heard of lately enough.
    pub fn is_online(&self, now: Timestamp) -> bool {
        now < self.due()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_word_on_an_action_counts_and_old_ones_go() {
        let mut wishes = Wishes::default();
        let word = |digest: &str, allow| Approval {
            digest: digest.into(),
            allow,
            by: "alice".into(),
            at: Timestamp(0),
        };
        wishes.approve(word("a", true));
        wishes.approve(word("a", false));
        assert_eq!(
            (wishes.approvals.len(), wishes.approvals[0].allow),
            (1, false)
        );
        for i in 0..APPROVALS {
            wishes.approve(word(&i.to_string(), true));
        }
        assert_eq!(wishes.approvals.len(), APPROVALS);
        assert!(wishes.approvals.iter().all(|known| known.digest != "a"));
        assert_eq!(wishes.version, 2 + APPROVALS as u64);
    }
}
