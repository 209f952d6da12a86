//! `GET /api/resources/hosts`: names only.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::known_hosts;
use web::{ApiResult, Caller};

/// Lists the names of the hosts the caller's batches ran on, in alphabetical order.
#[utoipa::path(get, path = "/api/resources/hosts", tag = "hosts",
    responses((status = 200, body = Vec<String>)))]
pub async fn list_host_names(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<String>>> {
    let hosts = known_hosts::all(&services, &caller).await?;
    Ok(Json(hosts.into_keys().collect()))
}
