//! Replays an uploaded file of events.
//!
//! The file is read from the bucket in parts, decompressed as it comes, split into lines and
//! delivered in groups through the intake of live events, so memory stays the same whatever the
//! file holds. Progress is written after each group: a replay that dies goes on with the group it
//! was at, and what that group had stored already is a duplicate by its event ids.
//!
//! Reading order: [`replay`], [`lines`], [`api_ingest::unpack`], [`group`].

mod group;
mod lines;
pub mod notice;
mod replay;

pub use replay::{Outcome, replay};
