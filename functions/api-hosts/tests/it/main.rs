//! Hosts through the real router over fresh engines.

mod cards;
mod delete;
mod gpus;
mod resources;
mod setup;
mod timeseries;
