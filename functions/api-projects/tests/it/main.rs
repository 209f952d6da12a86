//! Projects through the real router over fresh engines.

mod members;
mod projects;
mod sample;
mod settings;
mod tables;
