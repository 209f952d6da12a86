//! Actors over fresh embedded engines: tests talk to the real router, nothing is mocked.

pub mod actor;
pub mod app;
pub mod audit;
pub mod bucket;
pub mod build;
pub mod capacity;
pub mod child;
pub mod packed;
pub mod refusals;

pub use actor::{Actor, Call, Reply};
pub use app::TestApp;
