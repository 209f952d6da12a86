//! Everything that can happen to the daemon, and everything it can do about it. Both are closed:
//! [`crate::state::step`] turns one into the other without touching anything.

use crate::journal::Record;
use crate::machine::Process;
use client::{Ack, Acked, Error, ExitReason, Jobs, Refusal};
use policy::Verdict;
use std::time::Duration;

/// The clocks an event is seen at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    /// Milliseconds that do not pass while the machine sleeps.
    pub mono_ms: u64,
    /// Seconds since 1970.
    pub unix_s: i64,
    /// Minute of the host's day.
    pub minute: u16,
}

/// What the host found out about a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// By the rules.
    pub verdict: Verdict,
    /// Why not, when not.
    pub refusal: Option<(Refusal, String)>,
    /// What would run, without secrets.
    pub argv: Vec<String>,
    /// Where.
    pub cwd: String,
    /// On which GPUs.
    pub gpus: Vec<String>,
}

/// A process that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Exit code, if known.
    pub code: Option<i32>,
    /// Signal, if one ended it.
    pub signal: Option<i32>,
    /// How.
    pub reason: ExitReason,
    /// When, RFC 3339.
    pub at: String,
}

/// Something happened.
#[derive(Debug)]
pub enum Event {
    /// The server was asked for commands.
    Polled {
        /// What it said.
        answer: Result<Jobs, Error>,
        /// How long that took.
        took: Duration,
    },
    /// A request was looked at.
    Examined(String, Examined),
    /// Somebody on the host said yes or no.
    Answered(String, bool),
    /// The journal could not be written before a process was to be made.
    Unwritten(String),
    /// A process waits at its gate, or could not be made.
    Spawned(String, Result<(Process, String), (Refusal, String)>),
    /// The server heard that a command was or was not carried out.
    Acked(String, Result<Acked, Error>),
    /// The gate could not be opened.
    Stuck(String, String),
    /// A process is over.
    Ended(String, Ended),
    /// The server heard of an end.
    Reported(String, Result<(), Error>),
    /// Time went by.
    Tick,
    /// The machine slept.
    Woke,
    /// The token or the policy changed on the disk.
    Reloaded,
    /// The daemon is to end.
    Shutdown,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask for commands after a while; the server may hold the call open.
    Poll {
        /// How long to wait.
        after: Duration,
        /// How long the server may wait.
        wait_s: u64,
    },
    /// Look at a request.
    Examine(String),
    /// Write down where a run is. What follows for it in this list depends on that.
    Record(Box<Record>),
    /// Make a process that waits at its gate.
    Spawn(String),
    /// Open the gate.
    Release(String),
    /// Make sure that a process held at its gate never gets through.
    DropGate(String),
    /// Ask a run to end.
    Terminate(String),
    /// End a run and all it started.
    Kill(String),
    /// Tell the server.
    Ack(String, Box<Ack>),
    /// Tell the server of an end.
    Report(String),
    /// A line for the audit log: command, what, details.
    Audit(String, &'static str, String),
    /// A line for the daemon's own log.
    Say(Level, String),
    /// End the daemon; runs go on.
    Quit,
}

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Somebody should look.
    Warn,
}
