//! How a function's `main` hands its routes to the Lambda runtime.

use crate::Routes;
use crate::caller::PeerIp;
use crate::middleware::finish;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use runtime::Services;

/// Serves buffered answers until the runtime ends the process.
pub async fn serve(routes: Routes, services: Services) -> Result<(), lambda_http::Error> {
    lambda_http::run(behind_lambda(routes, services)).await
}

/// Serves streamed answers (server-sent events).
pub async fn serve_streaming(routes: Routes, services: Services) -> Result<(), lambda_http::Error> {
    lambda_http::run_with_streaming_response(behind_lambda(routes, services)).await
}

fn behind_lambda(routes: Routes, services: Services) -> Router {
    finish(routes, services).layer(from_fn(source_ip))
}

/// The front door's word on the client address; the peer of a Lambda is only its runtime.
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
