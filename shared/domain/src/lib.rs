//! The rules of Argus: what an event means, how a run changes state, who may do what.
//!
//! Pure by construction: no I/O, no clock, no randomness, no JSON, no environment. Time arrives
//! as an argument. Start reading at [`event`], then [`fold`].

pub mod access;
pub mod account;
pub mod activity;
pub mod agent;
pub mod artifact;
pub mod audience;
pub mod batch;
pub mod bucket;
pub mod channel;
pub mod command;
pub mod diagnosis;
pub mod eta;
pub mod event;
pub mod figures;
pub mod fold;
pub mod gpu;
pub mod guardrail;
pub mod health;
pub mod host;
pub mod ids;
pub mod importance;
pub mod job;
pub mod leaderboard;
pub mod limits;
pub mod link;
pub mod mark;
pub mod metric;
pub mod nonfinite;
pub mod notice;
pub mod outbox;
pub mod place;
pub mod price;
pub mod project;
pub mod query;
pub mod retention;
pub mod series;
pub mod spend;
pub mod spill;
pub mod status;
#[cfg(test)]
mod testing;
pub mod time;
pub mod tracking;
pub mod usage;
pub mod watchdog;
