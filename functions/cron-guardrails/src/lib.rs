//! Looks after running batches: stalls, stop requests nobody answers, idle GPUs, divergence,
//! memory that ran out.
//!
//! [`tick`] takes no input and may run anywhere any number of times at once. It walks the index of
//! active batches ([`tick`](mod@tick)), reads what the rules need of each (`look`), lets the pure
//! rules judge (`domain::guardrail`), and writes what follows in one transaction per batch (`act`),
//! conditional on what was read: of two looks at once one comes to something.

mod act;
mod agents;
mod failures;
mod heartbeat;
mod look;
mod thresholds;
pub mod tick;

pub use tick::{Guard, Report, tick};
