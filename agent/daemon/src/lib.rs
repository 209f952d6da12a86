//! The agent of a training host: starts a recorded command again and stops what it started, as the
//! server asks and the host's own rules allow. [`state`] decides, [`supervisor`] does; between them
//! stands the journal, so that a crash at any moment neither loses a run nor starts one twice.

pub mod cli;
pub mod state;

mod arrive;
mod audit;
mod begin;
mod cgroup;
mod clock;
mod commands;
mod console;
mod courier;
mod event;
mod examine;
mod executor;
mod fault;
mod finish;
mod gate;
mod identity;
mod journal;
mod logs;
mod machine;
mod mailbox;
mod notify;
mod perform;
mod recover;
mod request;
mod rules;
mod settings;
mod snapshot;
mod status;
mod supervisor;

#[cfg(test)]
mod state_host_tests;
#[cfg(test)]
mod state_laws;
#[cfg(test)]
mod state_tests;

/// A line in the daemon's own log. A terminal that went away is no reason to end.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "argus-agent: {text}");
}

/// How the agent names itself to servers.
pub(crate) const USER_AGENT: &str = concat!("argus-agent/", env!("CARGO_PKG_VERSION"));
