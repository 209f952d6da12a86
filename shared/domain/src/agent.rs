//! Agents: daemons on training hosts that carry out what people ask of runs there.

use crate::account::UserId;
use crate::limits::AGENT_ONLINE_SECS;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Capability of a watchdog: it reports on its host, and carries out no commands.
pub const WATCHDOG: &str = "watchdog";

/// Which daemon it is: the same place registers as the same agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name scripts on this machine report as their host; commands are routed by it.
    pub hostname: String,
    /// The machine's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
    /// Operating-system user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<i64>,
    /// One of several daemons of this user on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// What a daemon says of its local policy, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyNote {
    /// `always`, `ask` or `never`.
    pub approve: String,
    /// A few lines.
    pub summary: Vec<String>,
}

/// A run a daemon says it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRun {
    /// Command that began it.
    pub cmd_id: String,
    /// Its batch.
    pub batch_id: String,
    /// Process id there; a label only.
    pub pid: Option<i64>,
    /// The daemon's word for its state.
    pub state: String,
}

/// A registered daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// `agent-` and twelve hex digits.
    pub id: String,
    /// For whom it works.
    pub user_id: UserId,
    /// Which daemon.
    pub place: Place,
    /// Name people gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Public part of its token.
    pub lookup: String,
    /// argon2id hash of its token.
    pub hash: String,
    /// API token it was registered with: withdrawn, the agent is refused as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_id: Option<u64>,
    /// Refused from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Its own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it says it can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Its policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyNote>,
    /// What it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<HeldRun>,
    /// First registration.
    pub created_at: Timestamp,
    /// Last sign of life, half a minute coarse.
    pub last_seen: Timestamp,
    /// Its owner was told that it is silent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silence_told: bool,
    /// When the watchdog that speaks with its token is silent, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watchdog_due: Option<Timestamp>,
    /// Its owner was told that the watchdog is silent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watchdog_silence_told: bool,
}

impl Agent {
    /// Whether it was heard of lately. A watchdog looks seldom, and is heard of when it does.
    pub fn is_online(&self, now: Timestamp) -> bool {
        let looks = !self.takes_commands() && self.watchdog_due.is_some_and(|due| now < due);
        looks || now.secs() - self.last_seen.secs() < AGENT_ONLINE_SECS
    }

    /// Whether it carries out commands.
    pub fn takes_commands(&self) -> bool {
        self.capabilities.iter().any(|word| word != WATCHDOG) || self.capabilities.is_empty()
    }

    /// What people know it by.
    pub fn name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.place.hostname)
    }
}

/// Of several daemons on a host, the one that gets a command nobody else must carry out.
pub fn newest_on<'a>(agents: &'a [Agent], host: &str) -> Option<&'a Agent> {
    let on_host = agents.iter().filter(|agent| agent.place.hostname == host);
    on_host
        .filter(|agent| agent.takes_commands())
        .max_by_key(|agent| agent.last_seen)
}
