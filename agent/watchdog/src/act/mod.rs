//! Carrying out orders. Each deed looks once more whether its target is still what was meant, acts
//! through a handle that cannot come to mean something else, and sees whether it worked.

pub mod clean;
pub mod kill;
mod open_files;
pub mod restart;
pub mod tmux;
mod walk;

use crate::problem::Outcome;

/// What came of a deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// In one word.
    pub outcome: Outcome,
    /// In many.
    pub detail: String,
}

impl Done {
    pub(crate) fn success(detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Success,
            detail: detail.into(),
        }
    }

    pub(crate) fn failure(detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failure,
            detail: detail.into(),
        }
    }

    pub(crate) fn skipped(detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Skipped,
            detail: detail.into(),
        }
    }
}
