//! Cursors of lists: opaque to clients, checked when they come back.

use crate::error::{ApiError, ApiResult};
use axum::http::{HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wire::Code;

/// Response header that carries the cursor of the next page, when there is one.
pub const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// Wraps the position after the last item of a page.
pub fn encode_cursor(position: &str) -> String {
    URL_SAFE_NO_PAD.encode(position)
}

/// The position inside a cursor.
pub fn decode_cursor(cursor: Option<&str>) -> ApiResult<Option<String>> {
    let Some(cursor) = cursor.filter(|c| !c.is_empty()) else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    match bytes.and_then(|b| String::from_utf8(b).ok()) {
        Some(position) => Ok(Some(position)),
        None => Err(ApiError::new(Code::CursorInvalid)),
    }
}

/// A JSON page with its cursor header.
pub fn page<T: serde::Serialize>(items: T, next: Option<&str>) -> axum::response::Response {
    use axum::response::IntoResponse;
    let mut response = axum::Json(items).into_response();
    if let Some(Ok(value)) = next.map(|n| HeaderValue::from_str(&encode_cursor(n))) {
        response.headers_mut().insert(NEXT_CURSOR, value);
    }
    response
}
