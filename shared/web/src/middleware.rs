//! The stack around every route: request id, language of errors, headers, one log line.

use crate::Routes;
use crate::body::check_syntax;
use crate::error::{ApiError, RequestId};
use crate::etag::revalidate;
use crate::tally::tally;
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use runtime::{Services, entropy, meter};
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;
use utoipa::openapi::OpenApi;
use wire::{Code, Locale};

/// Header of the request id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lays the stack on a set of routes. Lambda, local server and tests all go through here.
pub fn finish(routes: Routes, services: Services) -> Router {
    finish_with(routes, services, |router| router)
}

/// As [`finish`], with something added below the stack: the local server's web UI.
pub fn finish_with(
    routes: Routes,
    services: Services,
    add: impl FnOnce(Router) -> Router,
) -> Router {
    let (router, _) = routes.split_for_parts();
    add(router.with_state(services.clone()))
        .layer(from_fn(revalidate))
        .layer(from_fn(check_syntax))
        .layer(from_fn(envelope))
        .layer(from_fn_with_state(services, tally))
}

/// The OpenAPI document of a set of routes.
pub fn document(routes: Routes) -> OpenApi {
    let mut document = routes.into_openapi();
    document.info.title = "Argus API".into();
    document.info.version = "1.1".into();
    document
}

async fn envelope(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&request);
    request.extensions_mut().insert(id.clone());
    let language = request.headers().get(header::ACCEPT_LANGUAGE);
    let locale = Locale::negotiate(language.and_then(|v| v.to_str().ok()));
    let line = format!("{} {}", request.method(), redacted(request.uri()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "other".to_owned(), |route| route.as_str().to_owned());
    // Below what is logged as a rule: making one costs, and only collectors of traces want it.
    let span = tracing::debug_span!(
        "request", request.id = %id.0, http.request.method = %method, http.route = route,
        http.response.status_code = tracing::field::Empty
    );
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = run
        .instrument(span.clone())
        .await
        .unwrap_or_else(|_| ApiError::new(Code::Internal).into_response());
    adopt_bare_errors(&mut response);
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if let Some(cause) = error.cause() {
            let code = error.code().as_str();
            tracing::warn!(request.id = %id.0, code, cause, "{line} failed");
        }
        let body = error.body(locale, &id).to_string();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let (secs, status) = (started.elapsed().as_secs_f64(), response.status().as_u16());
    span.record("http.response.status_code", status);
    meter::answered(method.as_str(), &route, status, secs);
    let duration_ms = secs * 1000.0;
    span.in_scope(|| tracing::debug!(status, duration_ms, "{line}"));
    response
}

/// The router's own 404 and 405 carry no body; they get ours.
fn adopt_bare_errors(response: &mut Response) {
    let bare = !response.headers().contains_key(header::CONTENT_TYPE)
        && response.extensions().get::<ApiError>().is_none();
    let code = match response.status() {
        StatusCode::NOT_FOUND if bare => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED if bare => Code::MethodNotAllowed,
        StatusCode::INTERNAL_SERVER_ERROR if bare => Code::Internal,
        _ => return,
    };
    response.extensions_mut().insert(ApiError::new(code));
}

fn request_id(request: &Request) -> RequestId {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|v| v.to_str().ok());
    let sane = given.filter(|id| {
        (8..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    RequestId(sane.map_or_else(|| format!("{:016x}", entropy::number()), str::to_owned))
}

/// Path and query with the value of `token` replaced: stream credentials never reach a log.
pub fn redacted(uri: &http::Uri) -> String {
    let Some(query) = uri.query() else {
        return uri.path().to_owned();
    };
    let query: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.eq_ignore_ascii_case("token") => format!("{name}=REDACTED"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{}?{}", uri.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn stream_tokens_are_redacted() {
        let uri = "/api/sse?channels=a&token=secret&x=1"
            .parse()
            .expect("valid");
        assert_eq!(
            super::redacted(&uri),
            "/api/sse?channels=a&token=REDACTED&x=1"
        );
    }
}
