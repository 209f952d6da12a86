//! Commands that change something: here, or on the server.

pub mod login;
mod prompt;
pub mod rerun;
pub mod stop;
pub mod sync;
