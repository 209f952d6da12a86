//! How a function's `main` hands its routes to the Lambda runtime.

use crate::Routes;
use crate::caller::PeerIp;
use crate::front_door;
use crate::middleware::finish_with;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use runtime::Services;
use std::fmt::Write;
use tower::Layer;
use tower::util::MapRequestLayer;

/// Serves buffered answers until the runtime ends the process.
pub async fn serve(routes: Routes, services: Services) -> Result<(), lambda_http::Error> {
    let service = MapRequestLayer::new(whole_path).layer(behind_lambda(routes, services));
    lambda_http::run(service).await
}

/// Serves streamed answers (server-sent events).
pub async fn serve_streaming(routes: Routes, services: Services) -> Result<(), lambda_http::Error> {
    lambda_http::run_with_streaming_response(behind_lambda(routes, services)).await
}

fn behind_lambda(routes: Routes, services: Services) -> Router {
    let secret = services.config.door_secret.clone();
    let admit = from_fn_with_state(secret, front_door::admit);
    finish_with(routes, services, |router| router.layer(admit))
        .layer(from_fn(source_ip))
        .layer(from_fn(hand_over))
}

/// The gateway's word on the client address; the peer of a Lambda is only its runtime. Where a
/// front door stands before the gateway, this is the door, and [`front_door`] knows better.
async fn source_ip(mut request: Request, next: Next) -> Response {
    let ip = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    if let Some(ip) = ip {
        request.extensions_mut().insert(PeerIp(ip));
    }
    next.run(request).await
}

/// Hands over what was measured before the answer leaves: afterwards the process may be frozen.
async fn hand_over(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    runtime::telemetry::hand_over();
    response
}

/// Rebuilds the address from what the gateway said. An HTTP API hands the path over decoded, and
/// a `#` or `?` inside an id would then cut the rest off as fragment or query. It wraps the router
/// from outside, because layers of the router run only after a route was chosen.
fn whole_path(mut request: lambda_http::Request) -> lambda_http::Request {
    let path = request.raw_http_path();
    if !path.contains(['#', '?']) {
        return request;
    }
    let query = request
        .query_string_parameters_ref()
        .map(|q| q.to_query_string());
    let address = match query.filter(|query| !query.is_empty()) {
        Some(query) => format!("{}?{query}", encoded(path)),
        None => encoded(path),
    };
    if let Ok(uri) = address.parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// A decoded path, encoded again.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    for byte in path.bytes() {
        match byte {
            b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b':'
            | b'@'
            | b'0'..=b'9'
            | b'A'..=b'Z'
            | b'a'..=b'z' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn decoded_paths_are_encoded_again() {
        assert_eq!(
            super::encoded("/api/batches/run#2?x/é"),
            "/api/batches/run%232%3Fx/%C3%A9"
        );
    }
}
