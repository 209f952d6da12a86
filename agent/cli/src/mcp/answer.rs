//! Results of tools as the protocol wants them.

use crate::fault::Fault;
use serde_json::{Value, json};

/// Longest result, characters: more would drown the conversation it goes into.
const LONGEST: usize = 60_000;

/// A result as text; too much of it is cut with a word about how to ask for less.
pub fn of(value: &Value) -> Value {
    let mut text = value.to_string();
    if text.len() > LONGEST {
        let at = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(at.unwrap_or(0));
        text.push_str("… (cut: ask for fewer rows or points)");
    }
    json!({"content": [{"type": "text", "text": text}], "isError": false})
}

/// A failure, with what to do about it.
pub fn failed(fault: &Fault) -> Value {
    let hint = fault
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| format!(" ({hint})"));
    let text = format!("{}{hint}", fault.text);
    json!({"content": [{"type": "text", "text": text}], "isError": true})
}
