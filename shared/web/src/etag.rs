//! Answers that did not change are not sent again.
//!
//! Pages poll the same reads; a weak `ETag` of the body lets the browser keep what it has. The
//! answer is made all the same, so permission is judged on every request.

use crate::error::ApiError;
use crate::page::NEXT_CURSOR;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use wire::Code;

/// Largest body that gets a tag, bytes.
const TAGGED_BYTES: u64 = 2 * 1024 * 1024;
/// What caches may do: the browser keeps the answer and asks before it shows it again.
const REVALIDATE: &str = "private, no-cache";

/// Tags whole JSON answers to GET, and answers 304 to who has the same one already. Streams, files
/// and whatever says itself how it may be cached pass untouched.
pub async fn revalidate(request: Request, next: Next) -> Response {
    let known = match *request.method() {
        Method::GET => known(request.headers()),
        _ => return next.run(request).await,
    };
    let response = next.run(request).await;
    if !tagged(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, TAGGED_BYTES as usize).await else {
        return ApiError::new(Code::Internal).into_response();
    };
    let mut digest = Sha256::new_with_prefix(&bytes);
    // A 304 cannot take a header away, so a page that became the last one counts as changed.
    if let Some(next) = parts.headers.get(NEXT_CURSOR) {
        digest.update(next.as_bytes());
    }
    let digest = hex::encode(&digest.finalize()[..16]);
    let Ok(tag) = HeaderValue::from_str(&format!("W/\"{digest}\"")) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.headers.insert(header::ETAG, tag);
    let caching = HeaderValue::from_static(REVALIDATE);
    parts.headers.insert(header::CACHE_CONTROL, caching);
    if known.iter().any(|tag| tag == "*" || *tag == digest) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn tagged(response: &Response) -> bool {
    let headers = response.headers();
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let size = response.body().size_hint().exact();
    response.status() == StatusCode::OK
        && kind.starts_with("application/json")
        && !headers.contains_key(header::CACHE_CONTROL)
        && !headers.contains_key(header::ETAG)
        && size.is_some_and(|size| size <= TAGGED_BYTES)
}

/// What `If-None-Match` lists, compared weakly: the text between the quotes, or `*`.
fn known(headers: &HeaderMap) -> Vec<String> {
    let lists = headers.get_all(header::IF_NONE_MATCH).into_iter();
    let lists = lists.filter_map(|list| list.to_str().ok());
    let tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag))
        .map(|tag| tag.trim_matches('"').to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_from_every_list() {
        let mut headers = HeaderMap::new();
        for list in ["W/\"a\", \"b\"", "*"] {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(list));
        }
        assert_eq!(known(&headers), ["a", "b", "*"]);
        assert!(known(&HeaderMap::new()).is_empty());
    }
}
