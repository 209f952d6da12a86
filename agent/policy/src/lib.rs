//! May this run here? Pure rules over facts somebody else gathered: allow, ask or deny, with a
//! reason. Reads no disk, no clock and no environment, so that every answer can be repeated.
//!
//! The server is not trusted: what it calls "recorded" may be its own invention. What the default
//! rules therefore really allow is this: *run a script that already lies in a folder of the
//! agent's user, with a Python of root's or the user's own, with arguments the server chooses*.

mod engine;
mod environment;
mod examples;
mod file;
mod overrides;
mod pattern;
mod proposal;
mod room;
mod script;

pub use engine::{Ruling, Verdict, decide};
pub use environment::{BASE, always_dropped, child_environment};
pub use file::{Approve, Limits, Policy, PolicyError, RunRules};
pub use overrides::{OverrideError, argument};
pub use proposal::{FileFact, FolderFact, Proposal};
pub use room::{Load, Room, Window, room};
pub use script::{Script, script_of};

#[cfg(test)]
mod laws;
