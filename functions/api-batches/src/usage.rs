//! `GET /api/batches/{id}/usage`: what a batch takes and costs.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::{ApiResult, PathParams, Visitor, usage, visible};
use wire::usage::UsageOut;

/// Shows what a batch's events and artifacts take, and what that costs.
#[utoipa::path(get, path = "/api/batches/{batch_id}/usage", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = UsageOut), (status = 404, description = "no such batch")))]
pub async fn batch_usage(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<UsageOut>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let files = services.store.batch_artifact_usage(&batch.id).await?;
    let files = (files.count, files.bytes);
    let of_one = std::iter::once(&batch);
    Ok(Json(usage::of(&services.store, of_one, files).await?))
}
