//! `POST /api/batches/{id}/restore`: a deleted batch comes back, while retention has not removed
//! what is stored of it.

use crate::view::BatchOut;
use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::change::Hand;
use web::{ApiResult, Caller, ClientInfo, PathParams};

/// Brings a deleted batch back, with its jobs, files, shares and links. Detail whose days were
/// over meanwhile stays gone.
#[utoipa::path(post, path = "/api/batches/{batch_id}/restore", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BatchOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch, or removed for good"),
        (status = 409, description = "not deleted"), (status = 410, description = "being removed for good")))]
pub async fn restore_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<BatchOut>> {
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let batch = hand.restore(path.text(0), None).await?;
    Ok(Json(BatchOut::row(batch)))
}
