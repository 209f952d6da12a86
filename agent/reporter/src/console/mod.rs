//! What a process prints, as lines that make sense.

mod capture;
mod fold;
mod meter;

pub use capture::Capture;
pub use fold::{Fold, Line};
pub use meter::Meter;
