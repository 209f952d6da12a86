//! An endpoint that speaks the OpenAI chat protocol, such as a model on the owner's own machine.

use super::{BrainError, Prompt, Reply, exchange, proposal};
use crate::http::Call;
use client::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// Where and as whom to ask.
pub struct Openai {
    url: String,
    pub(super) model: String,
    key: Option<Secret>,
    limit: Duration,
}

impl Openai {
    pub(super) fn new(base_url: &str, model: &str, key: Option<Secret>, limit: Duration) -> Self {
        let base = if base_url.is_empty() {
            "https://api.openai.com/v1"
        } else {
            base_url
        };
        let model = if model.is_empty() {
            "gpt-5-mini"
        } else {
            model
        };
        Self {
            url: format!("{}/chat/completions", base.trim_end_matches('/')),
            model: model.to_owned(),
            key,
            limit,
        }
    }

    pub(super) fn ask(&self, prompt: &Prompt) -> Result<Reply, BrainError> {
        let function = json!({
            "name": proposal::TOOL,
            "description": "Says how the host is and what to do about it.",
            "strict": true,
            "parameters": proposal::schema(),
        });
        let body = json!({
            "model": self.model,
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.data.to_string()},
            ],
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": proposal::TOOL}},
        });
        let mut call = Call::post(&self.url, &body, self.limit);
        if let Some(key) = &self.key {
            call = call.with("authorization", format!("Bearer {}", key.reveal()));
        }
        let answer = exchange(&call)?;
        let calls = answer
            .pointer("/choices/0/message/tool_calls")
            .and_then(Value::as_array);
        let Some([only]) = calls.map(Vec::as_slice) else {
            return Err(BrainError::Unusable(
                "the tool was not used exactly once".into(),
            ));
        };
        if only.pointer("/function/name") != Some(&json!(proposal::TOOL)) {
            return Err(BrainError::Unusable("another tool was used".into()));
        }
        let text = only
            .pointer("/function/arguments")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let input: Value =
            serde_json::from_str(text).map_err(|e| BrainError::Unusable(e.to_string()))?;
        let tokens = answer
            .pointer("/usage/total_tokens")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        Ok(Reply {
            answer: proposal::read(&input)?,
            raw: input,
            tokens,
        })
    }
}
