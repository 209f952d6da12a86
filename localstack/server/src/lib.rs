//! The cloud in one process: every function, both storage engines, the web UI, one port.
//!
//! Reading order: [`options`], [`start`], [`mount`] (which names every function once).

pub mod archive;
pub mod assets;
pub mod backup;
pub mod bar;
pub mod commands;
pub mod data_dir;
pub mod export;
pub mod guardrails;
pub mod housekeeping;
pub mod import;
pub mod mailer;
pub mod metrics;
pub mod mount;
pub mod options;
pub mod original;
mod peer;
pub mod place;
pub mod recovery;
pub mod rotation;
pub mod sorted;
pub mod spills;
pub mod start;
pub mod traces;

pub use options::{Cli, Options};
pub use start::{Running, StartError, start};
