//! Non-finite numbers on their way out.

use domain::nonfinite;
use serde_json::Value;

/// Replaces the spellings of non-finite numbers by null, at any depth.
pub fn to_null(value: &mut Value) {
    match value {
        Value::String(text) if is_spelling(text) => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(to_null),
        Value::Object(map) => map.values_mut().for_each(to_null),
        _ => {}
    }
}

fn is_spelling(text: &str) -> bool {
    nonfinite::parse(text).and_then(nonfinite::spelling) == Some(text)
}
