//! The web UI, embedded at build time.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};
use web::ApiError;
use wire::Code;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../frontend/dist"]
struct Dist;

/// Nothing but our own files; styles may be set by script because the component library does.
const CSP: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
    font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; \
    frame-ancestors 'none'; form-action 'self'";

const NOT_BUILT: &str = "<!doctype html><title>Argus</title><h1>Argus is running</h1>\
    <p>The API answers, but the web UI was not built into this program. \
    Run <code>make build</code> and start again. <a href=\"/docs\">API documentation</a>";

/// Answers any path no function knows: a file of the UI, its page, or 404 for API paths.
pub async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return ApiError::new(Code::NotFound).into_response();
    }
    if let Some(file) = Dist::get(path).filter(|_| !path.is_empty()) {
        return file_response(path, file);
    }
    // A missing file is an error; anything else is a page of the single-page application.
    if path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'))
        && path.starts_with("assets/")
    {
        return StatusCode::NOT_FOUND.into_response();
    }
    match Dist::get("index.html") {
        Some(file) => file_response("index.html", file),
        None => Html(NOT_BUILT).into_response(),
    }
}

fn file_response(path: &str, file: EmbeddedFile) -> Response {
    let mut response = Response::new(Body::from(file.data));
    let headers = response.headers_mut();
    // Names under assets/ carry a content hash and never change.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CSP),
    );
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime(path)));
    response
}

/// Types of the files a Vite build makes.
fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
