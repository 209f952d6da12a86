//! JSON request bodies with the contract's validation answers.

use crate::error::{ApiError, ApiResult, Invalid};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::limits::BODY_BYTES;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wire::Code;

/// A JSON body read into `T`; unknown fields are refused if `T` says so.
pub struct Body<T>(pub T);

/// What the middleware found in the body, before anybody looked at credentials.
#[derive(Clone)]
enum Parsed {
    Json(Value),
    NotJson(Value),
    Empty,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;
    async fn from_request(mut request: Request, _: &S) -> ApiResult<Self> {
        let value = match request.extensions_mut().remove::<Parsed>() {
            Some(Parsed::Json(value)) if value.is_object() => value,
            // A list would fill the fields of a struct one by one.
            Some(Parsed::Json(input) | Parsed::NotJson(input)) => {
                let msg = "Input should be a valid dictionary or object";
                let problem = Invalid::at(&["body"], "model_attributes_type", msg, input);
                return Err(ApiError::invalid(&[problem]));
            }
            Some(Parsed::Empty) | None => {
                let problem = Invalid::at(&["body"], "missing", "Field required", Value::Null);
                return Err(ApiError::invalid(&[problem]));
            }
        };
        read(value).map(Self)
    }
}

impl<T: DeserializeOwned, S: Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        match request.extensions().get::<Parsed>() {
            Some(Parsed::Empty) | None => Ok(None),
            _ => <Self as FromRequest<S>>::from_request(request, state)
                .await
                .map(Some),
        }
    }
}

fn read<T: DeserializeOwned>(value: Value) -> ApiResult<T> {
    let input = value.clone();
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut loc = vec![json!("body")];
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => loc.push(json!(index)),
                Segment::Map { key } => loc.push(json!(key)),
                Segment::Enum { variant } => loc.push(json!(variant)),
                Segment::Unknown => {}
            }
        }
        let text = error.inner().to_string();
        let named = text.split('`').nth(1).unwrap_or_default().to_owned();
        let (rule, msg) = if text.starts_with("missing field") {
            loc.push(json!(named));
            ("missing", "Field required".to_owned())
        } else if text.starts_with("unknown field") {
            if loc.last() != Some(&json!(named)) {
                loc.push(json!(named));
            }
            (
                "extra_forbidden",
                "Extra inputs are not permitted".to_owned(),
            )
        } else {
            ("type_error", text)
        };
        ApiError::invalid(&[Invalid {
            rule,
            loc,
            msg,
            input,
        }])
    })
}

/// Whether the content type announces JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let kind = kind
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads a whole body of at most `limit` bytes.
pub async fn collect(body: axum::body::Body, limit: usize) -> ApiResult<Bytes> {
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ApiError::with(Code::BodyTooLarge, [limit]))
        }
        // The client went away in the middle; nobody reads this answer.
        Err(_) => Err(ApiError::new(Code::Validation)),
    }
}

/// A syntax error in JSON, as the contract words it.
pub fn syntax_error(error: &serde_json::Error) -> ApiError {
    let mut problem = Invalid::at(
        &["body"],
        "json_invalid",
        format!("JSON decode error: {error}"),
        json!({}),
    );
    problem.loc.push(json!(error.column()));
    ApiError::invalid(&[problem])
}

/// Malformed JSON is refused before credentials are looked at. Ingest reads its own bodies.
pub(crate) async fn check_syntax(request: Request, next: Next) -> Response {
    let has_body = !matches!(*request.method(), http::Method::GET | http::Method::HEAD);
    let own_reader = matches!(request.uri().path(), "/api/events" | "/api/events/batch");
    if !has_body || own_reader {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    if !is_json(&parts.headers) && !is_form_or_binary(&parts.headers) {
        match collect(body, BODY_BYTES).await {
            Ok(bytes) if bytes.is_empty() => parts.extensions.insert(Parsed::Empty),
            Ok(bytes) => parts
                .extensions
                .insert(Parsed::NotJson(json!(String::from_utf8_lossy(&bytes)))),
            Err(error) => return error.into_response(),
        };
        return next
            .run(Request::from_parts(parts, axum::body::Body::empty()))
            .await;
    }
    if !is_json(&parts.headers) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let bytes = match collect(body, BODY_BYTES).await {
        Ok(bytes) => bytes,
        Err(error) => return error.into_response(),
    };
    let parsed = if bytes.is_empty() {
        Parsed::Empty
    } else {
        match serde_json::from_slice(&bytes) {
            Ok(value) => Parsed::Json(value),
            Err(error) => return syntax_error(&error).into_response(),
        }
    };
    parts.extensions.insert(parsed);
    next.run(Request::from_parts(parts, axum::body::Body::empty()))
        .await
}

fn is_form_or_binary(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    kind.starts_with("multipart/") || kind == "application/octet-stream"
}
