//! Guardrails: what is wrong with a run that still goes on, judged from what it reported.
//!
//! One file per rule, each a pure function from what was seen to a verdict. [`judge`] puts the
//! verdicts of one batch together with what was found before ([`watch`]), so that everything is
//! found once, and says so when it is over. [`replay`] runs the same rules over the past.

pub mod divergence;
pub mod finding;
pub mod idle;
pub mod judge;
pub mod ladder;
pub mod memory;
pub mod replay;
pub mod requested;
pub mod stall;
pub mod stopping;
pub mod thresholds;
pub mod watch;

pub use finding::Finding;
pub use idle::Sample;
pub use thresholds::{Overrides, Thresholds};
pub use watch::Watch;
