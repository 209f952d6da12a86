//! The Anthropic Messages API, with one tool the model has to use.

use super::{BrainError, Prompt, Reply, exchange, proposal};
use crate::http::Call;
use client::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// Version of the protocol.
const VERSION: &str = "2023-06-01";
/// Most tokens of an answer.
const ANSWER: u32 = 1500;

/// Where and as whom to ask.
pub struct Anthropic {
    url: String,
    pub(super) model: String,
    key: Secret,
    limit: Duration,
}

impl Anthropic {
    pub(super) fn new(base_url: &str, model: &str, key: Secret, limit: Duration) -> Self {
        let base = if base_url.is_empty() {
            "https://api.anthropic.com"
        } else {
            base_url
        };
        let model = if model.is_empty() {
            "claude-haiku-4-5"
        } else {
            model
        };
        Self {
            url: format!("{}/v1/messages", base.trim_end_matches('/')),
            model: model.to_owned(),
            key,
            limit,
        }
    }

    pub(super) fn ask(&self, prompt: &Prompt) -> Result<Reply, BrainError> {
        let body = json!({
            "model": self.model,
            "max_tokens": ANSWER,
            "system": prompt.instructions,
            "messages": [{"role": "user", "content": prompt.data.to_string()}],
            "tools": [{
                "name": proposal::TOOL,
                "description": "Says how the host is and what to do about it.",
                "input_schema": proposal::schema(),
            }],
            "tool_choice": {"type": "tool", "name": proposal::TOOL},
        });
        let call = Call::post(&self.url, &body, self.limit)
            .with("x-api-key", self.key.reveal())
            .with("anthropic-version", VERSION);
        let answer = exchange(&call)?;
        let tokens = |what: &str| {
            answer
                .pointer(&format!("/usage/{what}"))
                .and_then(Value::as_u64)
                .unwrap_or(0)
        };
        let used = |block: &&Value| block["type"] == "tool_use" && block["name"] == proposal::TOOL;
        let blocks = answer["content"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut used = blocks.iter().filter(used);
        let (Some(block), None) = (used.next(), used.next()) else {
            return Err(BrainError::Unusable(
                "the tool was not used exactly once".into(),
            ));
        };
        Ok(Reply {
            answer: proposal::read(&block["input"])?,
            raw: block["input"].clone(),
            tokens: tokens("input_tokens") + tokens("output_tokens"),
        })
    }
}
