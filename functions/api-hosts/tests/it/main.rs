//! Hosts through the real router over fresh engines.

mod agents;
mod cards;
mod delete;
mod gpus;
mod lab;
mod rate;
mod resources;
mod setup;
mod timeseries;
mod watchdog;
