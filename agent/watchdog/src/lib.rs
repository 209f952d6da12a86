//! The watchdog of a training host: looks every few minutes, decides by rules, may ask a model for
//! a proposal, does one of six things, and writes down why.
//!
//! Start reading in [`cycle`]. What is seen is a [`snapshot`]; [`detect`] says what is wrong with
//! it; [`plan`] is the only way from a wish to a deed; [`act`] carries deeds out. This crate does
//! not know how the server stores what it is told, and runs nothing a model writes.

pub mod act;
pub mod approval;
pub mod audit;
pub mod beads;
pub mod brain;
pub mod channels;
pub mod cli;
pub mod collect;
pub mod cooldown;
pub mod cycle;
pub mod dbus;
pub mod detect;
pub mod exec;
pub mod http;
pub mod ledger;
pub mod log;
pub mod notify;
pub mod observe;
pub mod patterns;
pub mod plan;
pub mod problem;
pub mod registry;
pub mod report;
pub mod settings;
pub mod snapshot;
pub mod state;
pub mod stats;
pub mod summary;
pub mod text;
pub mod time;
