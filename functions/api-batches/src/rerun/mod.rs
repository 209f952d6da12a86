//! Running a batch again: the wish, and what became of it.

mod info;
mod recorded;
mod request;

pub use info::*;
pub use request::*;
