//! The model: asked seldom, told measurements, heard as one voice among others.
//!
//! What comes back is a [`Proposal`] like any rule's. Nothing here can act; a model that obeys an
//! injected instruction proposes nonsense, and the policy refuses it.

mod anthropic;
mod budget;
mod openai;
mod prompt;
pub mod proposal;
mod scripted;
mod transcript;

pub use budget::{Budget, BudgetFile};
pub use prompt::{Context, Prompt, default_instructions};
pub use proposal::Answer;
pub use scripted::Scripted;
pub use transcript::Transcript;

use crate::settings::{Model, Provider};
use std::time::Duration;

/// Why no answer can be used.
#[derive(Debug, thiserror::Error)]
pub enum BrainError {
    /// Nobody answered, or with an error.
    #[error("the model cannot be asked: {0}")]
    Unanswered(String),
    /// The answer is not what was agreed.
    #[error("the model's answer is not what was agreed: {0}")]
    Unusable(String),
}

/// An answer and what it cost.
#[derive(Debug)]
pub struct Reply {
    /// What it proposes.
    pub answer: Answer,
    /// The tool's input as it came.
    pub raw: serde_json::Value,
    /// Tokens, in and out.
    pub tokens: u64,
}

/// Whoever is asked.
pub enum Brain {
    /// The Anthropic Messages API.
    Anthropic(anthropic::Anthropic),
    /// An endpoint that speaks the OpenAI chat protocol.
    Openai(openai::Openai),
    /// Prepared answers, for tests and replays.
    Scripted(Scripted),
}

impl Brain {
    /// The one the settings name; `None` without a key (a local OpenAI endpoint needs none).
    #[must_use]
    pub fn of(model: &Model) -> Option<Self> {
        let limit = Duration::from_secs(model.timeout);
        match model.provider {
            Provider::None => None,
            Provider::Anthropic => model.key.clone().map(|key| {
                Self::Anthropic(anthropic::Anthropic::new(
                    &model.base_url,
                    &model.model,
                    key,
                    limit,
                ))
            }),
            Provider::Openai if model.key.is_none() && model.base_url.is_empty() => None,
            Provider::Openai => Some(Self::Openai(openai::Openai::new(
                &model.base_url,
                &model.model,
                model.key.clone(),
                limit,
            ))),
        }
    }

    /// Name of the model, for transcripts.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Anthropic(one) => &one.model,
            Self::Openai(one) => &one.model,
            Self::Scripted(_) => "scripted",
        }
    }

    /// Asks once.
    pub fn ask(&mut self, prompt: &Prompt) -> Result<Reply, BrainError> {
        match self {
            Self::Anthropic(one) => one.ask(prompt),
            Self::Openai(one) => one.ask(prompt),
            Self::Scripted(one) => one.ask(),
        }
    }
}

/// Sends a question and reads the JSON of the answer.
fn exchange(call: &crate::http::Call<'_>) -> Result<serde_json::Value, BrainError> {
    let answer = crate::http::call(call).map_err(|e| BrainError::Unanswered(e.to_string()))?;
    if answer.status != 200 {
        let said = crate::text::clean(&String::from_utf8_lossy(&answer.body), 200);
        let said = crate::text::redact(&said);
        return Err(BrainError::Unanswered(format!(
            "status {}: {said}",
            answer.status
        )));
    }
    serde_json::from_slice(&answer.body).map_err(|e| BrainError::Unusable(format!("no JSON: {e}")))
}
