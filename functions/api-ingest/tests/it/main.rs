//! Ingest through the real router over fresh engines.

mod batches;
mod checks;
mod cost;
mod effects;
mod encoded;
mod faults;
mod instances;
mod repeats;
mod setup;
