//! The rules of Argus: what an event means, how a run changes state, who may do what.
//!
//! Pure by construction: no I/O, no clock, no randomness, no JSON, no environment. Time arrives
//! as an argument. Start reading at [`event`], then [`fold`].

pub mod access;
pub mod account;
pub mod artifact;
pub mod batch;
pub mod event;
pub mod fold;
pub mod ids;
pub mod job;
pub mod limits;
pub mod nonfinite;
pub mod series;
pub mod spill;
pub mod status;
pub mod time;
