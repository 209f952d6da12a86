//! Projects through the real router over fresh engines.

mod projects;
mod sample;
mod tables;
