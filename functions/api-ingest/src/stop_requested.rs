//! `GET /api/batches/{id}/stop-requested`: what the reporter polls.

use axum::Json;
use axum::extract::State;
use domain::status::BatchStatus;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, PathParams, RunCaller, visible};

/// Whether a batch shall stop.
#[derive(Debug, Serialize, ToSchema)]
pub struct StopRequestedOut {
    /// Somebody asked, and the batch has not ended.
    pub requested: bool,
    /// The same under the name the public reporter reads.
    pub stop_requested: bool,
    /// When.
    pub requested_at: Option<String>,
    /// Who.
    pub requested_by: Option<String>,
    /// When the agent that holds the run told its processes to end.
    pub signalled_at: Option<String>,
}

/// Tells a running script whether it shall stop.
#[utoipa::path(get, path = "/api/batches/{batch_id}/stop-requested", tag = "ingest",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = StopRequestedOut), (status = 404, description = "no such batch")))]
pub async fn stop_requested(
    State(services): State<Services>,
    RunCaller(caller): RunCaller,
    path: PathParams,
) -> ApiResult<Json<StopRequestedOut>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let requested = batch.status == BatchStatus::Stopping;
    let stop = batch.stop.filter(|_| requested);
    Ok(Json(StopRequestedOut {
        requested,
        stop_requested: requested,
        requested_at: stop.as_ref().map(|s| s.at.to_text()),
        signalled_at: stop
            .as_ref()
            .and_then(|s| s.signalled_at)
            .map(Timestamp::to_text),
        requested_by: stop.map(|s| s.by),
    }))
}
