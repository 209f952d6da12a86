//! The first page through the real router over fresh engines.

mod dashboard;
mod freshness;
mod gpu_hours;
mod hints;
mod hosts;
mod setup;
