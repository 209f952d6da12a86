//! Fields of bodies: a client's own on their way back out, and telling null from absent.

use domain::event::JsonFields;
use serde::{Deserialize, Deserializer};
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

/// Tells null (`Some(None)`) from absent (the field's default).
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}
