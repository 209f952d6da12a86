//! Artifacts through the real router over fresh engines.

mod access;
mod downloads;
mod parked;
mod setup;
mod tickets;
mod uploads;
