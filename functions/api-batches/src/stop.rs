//! `POST /api/batches/{id}/stop`: asks a script to end.

use crate::visible;
use axum::Json;
use axum::extract::State;
use domain::batch::StopRequest;
use domain::status::BatchStatus;
use runtime::{Services, entropy};
use serde::Serialize;
use serde_json::json;
use store::StoreError;
use store::feed::FeedEvent;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, PathParams};
use wire::Code;

/// Rounds after lost races with the running script.
const ROUNDS: usize = 8;

/// Status after the request.
#[derive(Debug, Serialize, ToSchema)]
pub struct StopOut {
    /// `stopping`, or what an ended batch already was.
    pub status: &'static str,
    /// Batch.
    pub batch_id: String,
}

/// Asks a batch to stop. Repeating it, or stopping what has ended, changes nothing.
#[utoipa::path(post, path = "/api/batches/{batch_id}/stop", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = StopOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch")))]
pub async fn stop_batch(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<StopOut>> {
    for _ in 0..ROUNDS {
        let found = visible::owned(&services, &caller, path.text(0)).await?;
        let (mut batch, rev) = (found.value, found.rev);
        let after = batch.status.after_stop();
        let out = StopOut {
            status: after.as_str(),
            batch_id: batch.id.clone(),
        };
        if after == batch.status {
            return Ok(Json(out));
        }
        let now = services.clock.now();
        let by = caller.user().username.clone();
        batch.status = BatchStatus::Stopping;
        batch.stop = Some(StopRequest {
            by: by.clone(),
            at: now,
        });
        let data = json!({"requested_by": by, "requested_at": now.to_text()});
        let id = format!("srv-{:016x}", entropy::number());
        let event = FeedEvent::of_server("batch_stop_requested", &id, &batch, now, &data)?;
        // Feed first, as in ingest: a crash in between tells viewers too much, never too little.
        let _told = services
            .store
            .append_feed(&batch.id, vec![event], None, now)
            .await?;
        match services.store.save_batch(&batch, rev).await {
            Ok(()) => return Ok(Json(out)),
            Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}
