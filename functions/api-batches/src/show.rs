//! `GET /api/batches/{id}`: one batch with its environment.

use crate::view::BatchOut;
use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::{ApiResult, PathParams, Visitor, visible};

/// Shows a batch.
#[utoipa::path(get, path = "/api/batches/{batch_id}", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BatchOut), (status = 404, description = "no such batch")))]
pub async fn show_batch(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<BatchOut>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let env = match batch.has_env {
        true => services.store.env_snapshot(&batch.id).await?,
        false => None,
    };
    let env = env.and_then(|json| serde_json::from_str(&json).ok());
    Ok(Json(BatchOut::whole(batch, env)))
}
