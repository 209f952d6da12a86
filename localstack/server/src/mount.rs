//! Every function, once.

use crate::assets;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use runtime::Services;
use s3s::service::S3Service;
use std::net::SocketAddr;
use web::Routes;
use web::caller::PeerIp;

/// The routes of all functions.
pub fn routes() -> Routes {
    Routes::new()
        .merge(api_auth::routes())
        .merge(api_account::routes())
        .merge(api_ingest::routes())
        .merge(api_batches::routes())
        .merge(api_artifacts::routes())
        .merge(sse_events::routes())
}

/// The OpenAPI document of all functions.
pub fn document() -> web::OpenApi {
    web::document(routes())
}

/// Everything on one port: functions, presigned object access, web UI.
pub fn router(services: Services, objects: S3Service) -> Router {
    let bucket = services.config.bucket.clone();
    let api = web::finish_with(routes(), services, |router| router.fallback(assets::serve));
    let objects = any(move |request: Request| {
        let objects = objects.clone();
        async move { object(objects, request).await }
    });
    // Presigned URLs are signed over this very path, so the bucket is a top-level one.
    Router::new()
        .route(&format!("/{bucket}/{{*key}}"), objects)
        .merge(api)
        .layer(from_fn(peer))
}

async fn object(objects: S3Service, request: Request) -> Response {
    let request = request.map(s3s::Body::http_body_unsync);
    match objects.call(request).await {
        Ok(response) => response.map(axum::body::Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn peer(mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(address)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let ip = PeerIp(address.ip().to_string());
        request.extensions_mut().insert(ip);
    }
    next.run(request).await
}
