//! From request text to checked events, in the contract's order of checks.

use crate::encoded;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::event::{Detail, Event};
use domain::limits::EVENTS_PER_BATCH;
use domain::nonfinite::quote_literals;
use serde_json::{Value, json};
use web::body::{is_json, syntax_error};
use web::{ApiError, ApiResult, Invalid};
use wire::{Envelope, Locale, Reject};

/// A posted event on its way to a batch writer.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Client's id; `None` only together with a rejection.
    pub event_id: Option<String>,
    /// Batch it is for.
    pub batch_id: String,
    /// Job it names.
    pub job_id: Option<String>,
    /// Kind of detail, `None` for lifecycle events.
    pub detail: Option<Detail>,
    /// The event, or why it is refused (unless it turns out to be a repeat).
    pub event: Result<Event, Reject>,
}

impl Posted {
    /// Reads one event outside of a request: a line of a file. The problems of a malformed
    /// envelope concern this line alone.
    pub fn read(value: Value) -> Result<Self, Vec<Invalid>> {
        Envelope::read(value, &[]).map(Self::new)
    }

    /// Looks at an envelope's version, id and payload.
    pub fn new(envelope: Envelope) -> Self {
        let event_id = envelope.check().ok().map(str::to_owned);
        Self {
            event_id,
            batch_id: envelope.batch_id.clone(),
            job_id: envelope.job_id.clone(),
            detail: envelope.kind.detail(),
            event: envelope.into_event(),
        }
    }
}

/// Reads and parses a body of at most `limit` bytes, counted as sent and once more after
/// decompression. Syntax is judged here, before any credential.
///
/// A body that does not announce JSON is kept as the text it is; that is judged later.
pub async fn parse(headers: &HeaderMap, body: Body, limit: usize) -> ApiResult<Option<Value>> {
    let bytes = encoded::read(headers, body, limit).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !is_json(headers) {
        return Ok(Some(Value::String(
            String::from_utf8_lossy(&bytes).into_owned(),
        )));
    }
    read_json(&bytes)
        .map(Some)
        .map_err(|error| syntax_error(&error))
}

/// Reads JSON as Python writes it, with bare NaN and Infinity; only a text that fails is looked at
/// twice.
pub fn read_json(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|_| serde_json::from_slice(&quote_literals(bytes)))
}

/// The body of a single post.
pub fn single(body: Option<Value>) -> ApiResult<Posted> {
    let body = body.ok_or_else(missing)?;
    let envelope =
        Envelope::read(body, &[json!("body")]).map_err(|list| ApiError::invalid(&list))?;
    Ok(Posted::new(envelope))
}

/// The body of a batch post: one malformed envelope refuses the whole request.
pub fn many(body: Option<Value>) -> ApiResult<Vec<Posted>> {
    let Value::Object(mut map) = body.ok_or_else(missing)? else {
        let msg = "Input should be a valid dictionary or object";
        let problem = Invalid::at(&["body"], "model_attributes_type", msg, Value::Null);
        return Err(ApiError::invalid(&[problem]));
    };
    let refuse = |rule, msg: &str, loc: &[&str], input| {
        Err(ApiError::invalid(&[Invalid::at(loc, rule, msg, input)]))
    };
    let events = match map.remove("events") {
        Some(Value::Array(events)) => events,
        None => {
            return refuse(
                "missing",
                "Field required",
                &["body", "events"],
                Value::Object(map),
            );
        }
        Some(other) => {
            return refuse(
                "list_type",
                "Input should be a valid list",
                &["body", "events"],
                other,
            );
        }
    };
    if let Some((key, value)) = map.into_iter().next() {
        let msg = "Extra inputs are not permitted";
        return refuse("extra_forbidden", msg, &["body", &key], value);
    }
    if events.is_empty() {
        let msg = "List should have at least 1 item after validation, not 0";
        return refuse("too_short", msg, &["body", "events"], json!([]));
    }
    if events.len() > EVENTS_PER_BATCH {
        let count = events.len();
        let msg = format!(
            "List should have at most {EVENTS_PER_BATCH} items after validation, not {count}"
        );
        return refuse("too_long", &msg, &["body", "events"], json!(count));
    }
    let mut posted = Vec::with_capacity(events.len());
    let mut problems = Vec::new();
    for (i, event) in events.into_iter().enumerate() {
        match Envelope::read(event, &[json!("body"), json!("events"), json!(i)]) {
            Ok(envelope) => posted.push(Posted::new(envelope)),
            Err(list) => problems.extend(list),
        }
    }
    if problems.is_empty() {
        Ok(posted)
    } else {
        Err(ApiError::invalid(&problems))
    }
}

fn missing() -> ApiError {
    ApiError::invalid(&[Invalid::at(
        &["body"],
        "missing",
        "Field required",
        Value::Null,
    )])
}

/// Language of the answer.
pub fn locale(parts: &Parts) -> Locale {
    let header = parts.headers.get(header::ACCEPT_LANGUAGE);
    Locale::negotiate(header.and_then(|v| v.to_str().ok()))
}
