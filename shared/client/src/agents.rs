//! The agent protocol: shapes and calls. Unknown fields of answers are ignored, since a newer
//! server may say more; everything a first server does not say has a default.

use crate::{Client, Error, segment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// What a host says of itself to get a token.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Registration {
    /// Name that batches of this host carry.
    pub hostname: String,
    /// Version of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Tells cloned images apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
    /// User it runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// Which of several on this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// Identity and token.
#[derive(Clone, Debug, Deserialize)]
pub struct Registered {
    /// Identity, part of every later path.
    pub agent_id: String,
    /// Token, shown this once.
    pub agent_token: String,
    /// Seconds between polls when the server does not hold calls open.
    #[serde(default = "ten")]
    pub poll_interval_s: u64,
    /// Seconds between heartbeats.
    #[serde(default = "thirty")]
    pub heartbeat_interval_s: u64,
    /// The server's clock.
    #[serde(default)]
    pub server_time_utc: Option<String>,
    /// When the token ends, if it does.
    #[serde(default)]
    pub expires_at: Option<String>,
}

fn ten() -> u64 {
    10
}

fn thirty() -> u64 {
    30
}

/// Commands that wait.
#[derive(Clone, Debug, Deserialize)]
pub struct Jobs {
    /// Oldest first.
    pub jobs: Vec<Job>,
    /// The server's clock; a server that gives it also holds calls open.
    #[serde(default)]
    pub server_time_utc: Option<String>,
}

/// One command, as it came.
#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    /// Identity; the same on every delivery.
    pub id: String,
    /// `rerun` or `stop`, or something newer.
    pub kind: String,
    /// Batch it is about: the new one of a rerun.
    pub batch_id: String,
    /// Further facts, judged by whoever carries them out.
    #[serde(default)]
    pub payload: Map<String, Value>,
    /// When it was asked for.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When it ends, if it does.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// Its age by the server's clock, in seconds.
    #[serde(default)]
    pub age_s: Option<f64>,
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The run is not one of this agent's.
    NotLaunchedHere,
    /// The host's own rules say no.
    Policy,
    /// Asked for too long ago.
    Expired,
    /// Nothing recorded to run, or the program is gone.
    CommandMissing,
    /// The program is no program.
    NotExecutable,
    /// The folder cannot be entered.
    Cwd,
    /// Too much is running.
    Busy,
    /// The journal cannot be written.
    Journal,
    /// A kind of command this version does not know.
    Unsupported,
    /// Somebody on the host said no.
    ApprovalRefused,
    /// Something else.
    Other,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Ack {
    /// Carried out.
    Started {
        /// Process, as a label for people.
        #[serde(skip_serializing_if = "Option::is_none")]
        pid: Option<u32>,
    },
    /// Not carried out.
    Failed {
        /// Text for people.
        error: String,
        /// Stable reason.
        reason: Refusal,
    },
}

/// Answer to an ack.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Acked {
    /// Token of the run, good for its batch only.
    #[serde(default)]
    pub reporter_token: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitReason {
    /// By itself.
    Exited,
    /// By a signal.
    Signaled,
    /// Out of memory.
    Oom,
    /// With the machine: it was restarted meanwhile.
    Lost,
    /// While nobody watched.
    Unknown,
}

/// Report of an end.
#[derive(Clone, Debug, Serialize)]
pub struct Exit {
    /// Exit code, if it ended by itself.
    pub exit_code: Option<i32>,
    /// Signal, if one ended it.
    pub signal: Option<i32>,
    /// How.
    pub reason: ExitReason,
    /// Last lines it printed: at most 50 of at most 2,000 characters.
    pub last_lines: Vec<String>,
    /// Begin, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// End, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

/// Answer to an exit report.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Exited {
    /// What became of the batch.
    #[serde(default)]
    pub batch_status: Option<String>,
}

/// Sign of life.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Heartbeat {
    /// Version of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The host's rules in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyNote>,
    /// What runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<Vec<RunNote>>,
}

/// Rules of a host in a few lines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyNote {
    /// `always`, `ask` or `never`.
    pub approve: String,
    /// Lines for people.
    pub summary: Vec<String>,
}

/// One run in short.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunNote {
    /// Command that started it.
    pub cmd_id: String,
    /// Its batch.
    pub batch_id: String,
    /// Its process.
    pub pid: Option<u32>,
    /// What it is doing.
    pub state: String,
}

/// An event of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// `1.1`.
    pub schema_version: &'static str,
    /// `log_line` or `env_snapshot`.
    pub event_type: &'static str,
    /// RFC 3339.
    pub timestamp: String,
    /// Run.
    pub batch_id: String,
    /// UUID; a repeat is the same event.
    pub event_id: String,
    /// Where it comes from.
    pub source: Source,
    /// What it says.
    pub data: Value,
}

/// Where an event comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Project of the run.
    pub project: String,
    /// Host.
    pub host: String,
}

/// Answer to events.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Ingested {
    /// How many the server took.
    #[serde(default)]
    pub accepted: u64,
}

impl Client {
    /// Gets an identity. A first server refuses (422) what it does not know, so it is asked once
    /// more with what it does.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn register(&self, host: &Registration) -> Result<Registered, Error> {
        const PATH: &str = "/api/agents/register";
        match self.post(PATH, host) {
            Err(Error::Refused { status: 422, .. }) => {
                let plain = Registration {
                    hostname: host.hostname.clone(),
                    version: host.version.clone(),
                    capabilities: host.capabilities.clone(),
                    ..Registration::default()
                };
                self.post(PATH, &plain)
            }
            other => other,
        }
    }

    /// Asks for commands; the server may hold the call open for `wait_s` seconds (at most 20).
    ///
    /// # Errors
    /// See [`Error`].
    pub fn jobs(&self, agent: &str, wait_s: u64) -> Result<Jobs, Error> {
        let path = format!("/api/agents/{}/jobs?wait={wait_s}", segment(agent));
        self.get_within(&path, Some(Duration::from_secs(wait_s + 15)))
    }

    /// Says what became of a command. May be repeated. A first server refuses (422) the reason,
    /// so it gets the text alone then.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn ack(&self, agent: &str, command: &str, ack: &Ack) -> Result<Acked, Error> {
        let path = command_path(agent, command, "ack");
        match (self.post(&path, ack), ack) {
            (Err(Error::Refused { status: 422, .. }), Ack::Failed { error, .. }) => self.post(
                &path,
                &serde_json::json!({"status": "failed", "error": error}),
            ),
            (answer, _) => answer,
        }
    }

    /// Says how a run ended. May be repeated.
    ///
    /// # Errors
    /// See [`Error`]; a first server answers 404 or 405.
    pub fn exit(&self, agent: &str, command: &str, exit: &Exit) -> Result<Exited, Error> {
        self.post(&command_path(agent, command, "exit"), exit)
    }

    /// Says that the host lives. A first server refuses (422) the details, so it gets none then.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn heartbeat(&self, agent: &str, beat: &Heartbeat) -> Result<(), Error> {
        let path = format!("/api/agents/{}/heartbeat", segment(agent));
        match self.post_only(&path, beat) {
            Err(Error::Refused { status: 422, .. }) => self.post_only(&path, &Heartbeat::default()),
            other => other,
        }
    }

    /// Ends an identity; its token is dead afterwards.
    ///
    /// # Errors
    /// See [`Error`]; a first server answers 404 or 405.
    pub fn revoke(&self, agent: &str) -> Result<(), Error> {
        self.delete(&format!("/api/agents/{}", segment(agent)))
    }

    /// Sends events of a run, with the run's own token.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn events(&self, events: &[Event]) -> Result<Ingested, Error> {
        #[derive(Serialize)]
        struct Batch<'a> {
            events: &'a [Event],
        }
        self.post("/api/events/batch", &Batch { events })
    }
}

fn command_path(agent: &str, command: &str, what: &str) -> String {
    format!(
        "/api/agents/{}/jobs/{}/{what}",
        segment(agent),
        segment(command)
    )
}
