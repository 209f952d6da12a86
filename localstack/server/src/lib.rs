//! The cloud in one process: every function, both storage engines, the web UI, one port.
//!
//! Reading order: [`options`], [`start`], [`mount`] (which names every function once).

pub mod assets;
pub mod data_dir;
pub mod guardrails;
pub mod housekeeping;
pub mod mailer;
pub mod metrics;
pub mod mount;
pub mod options;
mod peer;
pub mod spills;
pub mod start;
pub mod traces;

pub use options::Options;
pub use start::{Running, StartError, start};
