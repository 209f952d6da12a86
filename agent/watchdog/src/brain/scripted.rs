//! Prepared answers.

use super::{BrainError, Reply, proposal};
use serde_json::Value;
use std::collections::VecDeque;

/// Gives its answers one after the other, then none.
#[derive(Debug, Default)]
pub struct Scripted(VecDeque<Value>);

impl Scripted {
    /// With these tool inputs, checked like those of a real model.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Value>) -> Self {
        Self(answers.into_iter().collect())
    }

    pub(super) fn ask(&mut self) -> Result<Reply, BrainError> {
        let raw = self
            .0
            .pop_front()
            .ok_or_else(|| BrainError::Unanswered("no answer left".into()))?;
        Ok(Reply {
            answer: proposal::read(&raw)?,
            raw,
            tokens: 0,
        })
    }
}
