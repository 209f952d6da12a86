//! Frames as they stand on the wire.

use bytes::Bytes;
use serde_json::{Value, json};

/// How a client wants numbers JSON cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonFinite {
    /// As null: clients of the original.
    Null,
    /// As `"NaN"`, `"Infinity"`, `"-Infinity"`.
    Text,
}

/// A frame with an id: an event of a feed for one channel.
pub fn event(id: &str, kind: &str, json: &str, channel: &str, numbers: NonFinite) -> Bytes {
    let json = match numbers {
        NonFinite::Text => json.to_owned(),
        NonFinite::Null => nulled(json),
    };
    let open = json.strip_suffix('}').unwrap_or(&json);
    let channel = json!(channel);
    Bytes::from(format!(
        "id: {id}\nevent: {kind}\ndata: {open},\"channel\":{channel}}}\n\n"
    ))
}

/// A frame the server itself has to say.
pub fn control(id: Option<&str>, kind: &str, data: &Value) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("{id}event: {kind}\ndata: {data}\n\n"))
}

/// The sign of life, unix seconds.
pub fn keepalive(secs: i64) -> Bytes {
    Bytes::from(format!("event: keepalive\ndata: {secs}\n\n"))
}

/// The last thing said before the server ends a stream on purpose.
pub fn retry(millis: u64) -> Bytes {
    Bytes::from(format!("retry: {millis}\n\n"))
}

/// Replaces the three spellings by null, which is what such numbers were to older clients.
fn nulled(json: &str) -> String {
    if !["\"NaN\"", "\"Infinity\"", "\"-Infinity\""]
        .iter()
        .any(|word| json.contains(word))
    {
        return json.to_owned();
    }
    let Ok(mut value) = serde_json::from_str::<Value>(json) else {
        return json.to_owned();
    };
    if let Some(data) = value.get_mut("data") {
        web::nonfinite::to_null(data);
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_clients_wish() {
        let json = r#"{"data":{"val_loss":"NaN","note":"NaN?"}}"#;
        let text = event("1", "job_epoch", json, "batch:b", NonFinite::Text);
        assert_eq!(
            text,
            "id: 1\nevent: job_epoch\ndata: {\"data\":{\"val_loss\":\"NaN\",\"note\":\"NaN?\"},\"channel\":\"batch:b\"}\n\n"
        );
        let null = event("1", "job_epoch", json, "batch:b", NonFinite::Null);
        let null = std::str::from_utf8(&null).expect("utf-8");
        assert!(null.contains("\"val_loss\":null") && null.contains("\"note\":\"NaN?\""));
    }
}
