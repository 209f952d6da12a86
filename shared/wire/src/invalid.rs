//! How a refused input is described.

use crate::error::Code;
use serde_json::{Value, json};

/// One entry of a validation answer: which rule, where, and what was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// Rule, e.g. `missing`, `int_parsing`.
    pub rule: &'static str,
    /// Path of names and indices.
    pub loc: Vec<Value>,
    /// Text for people.
    pub msg: String,
    /// Offending input.
    pub input: Value,
}

impl Invalid {
    /// A problem at a path of names.
    pub fn at(loc: &[&str], rule: &'static str, msg: impl Into<String>, input: Value) -> Self {
        Self {
            rule,
            loc: loc.iter().map(|s| json!(s)).collect(),
            msg: msg.into(),
            input,
        }
    }

    /// Refuses the text of body field `field` when it is longer than `max` characters.
    pub fn check_chars(field: &str, text: Option<&str>, max: usize) -> Result<(), Self> {
        match text {
            Some(text) if text.chars().count() > max => {
                let msg = format!("String should have at most {max} characters");
                Err(Self::at(
                    &["body", field],
                    "string_too_long",
                    msg,
                    json!(text),
                ))
            }
            _ => Ok(()),
        }
    }

    /// The entry as JSON.
    pub fn to_json(&self) -> Value {
        json!({"type": self.rule, "loc": self.loc, "msg": self.msg, "input": self.input})
    }
}

/// Why a single event is not accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// Stable code.
    pub code: Code,
    /// What the text mentions.
    pub params: Vec<String>,
    /// Field by field, when the payload has wrong types.
    pub list: Vec<Invalid>,
}

impl Reject {
    /// A refusal without field list.
    pub fn new(code: Code, params: impl IntoIterator<Item = impl ToString>) -> Self {
        Self {
            code,
            params: params.into_iter().map(|p| p.to_string()).collect(),
            list: vec![],
        }
    }
}
