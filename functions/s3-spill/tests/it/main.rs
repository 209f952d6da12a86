//! Spill uploads from ticket to replay, over fresh engines.

mod files;
mod resume;
mod setup;
mod tickets;
