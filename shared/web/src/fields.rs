//! Fields a client reported, on their way back out.

use domain::event::JsonFields;
use serde_json::{Map, Value};

/// The fields as JSON.
pub fn json_of(fields: &JsonFields) -> Map<String, Value> {
    fields
        .iter()
        .map(|(key, text)| {
            (
                key.clone(),
                serde_json::from_str(text).unwrap_or(Value::Null),
            )
        })
        .collect()
}
