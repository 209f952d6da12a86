//! What a process prints, as lines that make sense.

mod fold;

pub use fold::{Fold, Line};
