//! Every function, once.

use crate::metrics::Figures;
use crate::spills::Notices;
use crate::{assets, peer};
use api_ingest::Intake;
use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use runtime::Services;
use s3s::service::S3Service;
use std::net::IpAddr;
use std::sync::Arc;
use web::Routes;

/// The routes of all functions.
pub fn routes() -> Routes {
    routes_over(Arc::default())
}

fn routes_over(intake: Arc<Intake>) -> Routes {
    Routes::new()
        .merge(api_auth::routes())
        .merge(api_account::routes())
        .merge(api_ingest::routes_over(intake))
        .merge(api_batches::routes())
        .merge(api_projects::routes())
        .merge(api_sharing::routes())
        .merge(api_hosts::routes())
        .merge(api_artifacts::routes())
        .merge(api_dashboard::routes())
        .merge(api_admin::routes())
        .merge(sse_events::routes())
}

/// The OpenAPI document of all functions.
pub fn document() -> web::OpenApi {
    web::document(routes())
}

/// Everything on one port: functions, presigned object access, web UI.
pub fn router(
    services: Services,
    objects: S3Service,
    intake: Arc<Intake>,
    notices: Notices,
    figures: Figures,
) -> Router {
    let bucket = services.config.bucket.clone();
    let proxies: Arc<[IpAddr]> = services.config.trusted_proxies.clone().into();
    let api = web::finish_with(routes_over(intake), services, |router| {
        router.fallback(assets::serve)
    });
    let objects = any(move |Path(key): Path<String>, request: Request| {
        let (objects, notices) = (objects.clone(), notices.clone());
        async move {
            let writes = request.method() == Method::PUT;
            let response = object(objects, request).await;
            if writes && response.status().is_success() {
                notices.written(&key);
            }
            response
        }
    });
    let figures = Arc::new(figures);
    let metrics = get(move |request: Request| {
        let figures = Arc::clone(&figures);
        async move { figures.page(request).await }
    });
    // Presigned URLs are signed over this very path, so the bucket is a top-level one.
    Router::new()
        .route(&format!("/{bucket}/{{*key}}"), objects)
        .route("/metrics", metrics)
        .merge(api)
        .layer(from_fn_with_state(proxies, peer::note))
}

async fn object(objects: S3Service, request: Request) -> Response {
    let request = request.map(s3s::Body::http_body_unsync);
    match objects.call(request).await {
        Ok(response) => {
            let mut response = response.map(axum::body::Body::new);
            // The bucket shares its origin with the web UI here, so nothing in it may run.
            for (name, value) in [
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (
                    header::CONTENT_SECURITY_POLICY,
                    "sandbox; default-src 'none'",
                ),
            ] {
                let value = HeaderValue::from_static(value);
                response.headers_mut().insert(name, value);
            }
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
