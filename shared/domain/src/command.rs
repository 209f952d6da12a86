//! Commands for agents: reruns and stops, from the wish to the exit.

use crate::account::UserId;
use crate::agent::Agent;
use crate::limits::COMMAND_LEASE_SECS;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Runs a recorded command again.
    Rerun(Rerun),
    /// Ends a run.
    Stop {
        /// Name of the person.
        requested_by: String,
        /// The rerun that launched it here.
        rerun_cmd_id: Option<String>,
    },
}

impl Order {
    /// The word on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rerun(_) => "rerun",
            Self::Stop { .. } => "stop",
        }
    }
}

/// What a rerun consists of: what was recorded when its source was first launched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// Batch that is repeated.
    pub source_batch_id: String,
    /// Owner of the new batch: its script reports as theirs.
    pub owner: UserId,
    /// Command line as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Command line as arguments, where the script recorded them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argv: Option<Vec<String>>,
    /// Working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Recorded variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<BTreeMap<String, String>>,
    /// Commit, and whether files differed from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<(String, bool)>,
    /// Changed settings as JSON text, `{}` for none.
    pub overrides_json: String,
    /// Name of the person.
    pub requested_by: String,
    /// Name the new batch was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandState {
    /// Waits for an agent.
    Pending,
    /// An agent carries it out; a rerun stays here while it runs.
    Started,
    /// The agent did not carry it out.
    Failed,
    /// Withdrawn before an agent took it.
    Cancelled,
    /// Nobody took it in time.
    Expired,
    /// What it launched has ended.
    Exited,
    /// A stop was passed on.
    Done,
}

impl CommandState {
    /// The word on the wire; a stop that was passed on counts as started there.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Started | Self::Done => "started",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Exited => "exited",
        }
    }

    /// Whether an agent still has to do with it.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Pending | Self::Started)
    }
}

/// How a run ended, as its agent saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code.
    pub code: Option<i64>,
    /// Signal that ended it.
    pub signal: Option<i64>,
    /// `exited`, `signaled`, `oom`, `lost` or `unknown`.
    pub reason: String,
    /// Its last lines of output.
    pub last_lines: Vec<String>,
}

impl Exit {
    /// Whether the script said that all went well.
    pub fn is_clean(&self) -> bool {
        self.reason == "exited" && self.code == Some(0)
    }

    /// What failed, in a few words.
    pub fn error(&self) -> String {
        match (self.reason.as_str(), self.code, self.signal) {
            ("oom", _, _) => "killed: out of memory".to_owned(),
            ("lost", _, _) => "lost: the host restarted or the process vanished".to_owned(),
            (_, _, Some(signal)) => format!("killed by signal {signal}"),
            (_, Some(code), _) => format!("exit code {code}"),
            _ => "ended in an unknown way".to_owned(),
        }
    }
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// UUID; later commands have later ones.
    pub id: String,
    /// What.
    pub order: Order,
    /// Batch it makes or ends.
    pub batch_id: String,
    /// Whose agents may carry it out.
    pub runner: UserId,
    /// On which host.
    pub host: String,
    /// The agent that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Until when no other agent gets it; without, it is that agent's for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// State.
    pub state: CommandState,
    /// When it was wished for.
    pub created_at: Timestamp,
    /// Nobody takes it after that.
    pub expires_at: Timestamp,
    /// When the agent answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acked_at: Option<Timestamp>,
    /// Process id there; a label only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i64>,
    /// Stable word for why the agent refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same in the agent's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
}

/// What an agent that asks gets to see of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nothing.
    No,
    /// It is the agent's already.
    Held,
    /// It may have it, for a while.
    Lease,
}

impl Command {
    /// Whether `agent` gets this command at `now`.
    pub fn offer(&self, agent: &Agent, now: Timestamp) -> Offer {
        let waits = self.state == CommandState::Pending && self.expires_at > now;
        if !waits || !agent.takes_commands() {
            return Offer::No;
        }
        let is_mine = self.agent.as_ref() == Some(&agent.id);
        let half = now.plus_secs(COMMAND_LEASE_SECS / 2);
        match (self.agent.is_some(), self.leased_until) {
            (true, None) if is_mine => Offer::Held,
            (true, None) => Offer::No,
            (true, Some(until)) if is_mine && until > half => Offer::Held,
            (true, Some(until)) if !is_mine && until > now => Offer::No,
            _ => Offer::Lease,
        }
    }

    /// Gives it to `agent` for a while.
    pub fn lease(&mut self, agent: &Agent, now: Timestamp) {
        self.agent = Some(agent.id.clone());
        self.leased_until = Some(now.plus_secs(COMMAND_LEASE_SECS));
    }

    /// Whether it is for `agent` to answer.
    pub fn is_for(&self, agent: &Agent) -> bool {
        let named = self.agent.as_ref();
        self.runner == agent.user_id
            && self.host == agent.place.hostname
            && named.is_none_or(|id| *id == agent.id)
    }

    /// The state as of `now`: what nobody took in time has expired, whoever notes it.
    pub fn state_at(&self, now: Timestamp) -> CommandState {
        match self.state {
            CommandState::Pending if self.expires_at <= now => CommandState::Expired,
            other => other,
        }
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
