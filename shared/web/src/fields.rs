//! Fields of bodies: a client's own on their way back out, and telling null from absent.

use domain::event::JsonFields;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The fields as a JSON object in the very words that were sent, for lists in which reading them
/// would take longer than all the rest.
#[derive(Clone, Debug)]
pub struct Verbatim(pub JsonFields);

impl Serialize for Verbatim {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, text)| {
            // A text that is no JSON would spoil the whole answer.
            let value = serde_json::from_str::<&RawValue>(text).ok();
            (key, value)
        }))
    }
}

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
