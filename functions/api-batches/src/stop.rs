//! `POST /api/batches/{id}/stop`: asks a script to end.

use axum::Json;
use axum::extract::State;
use domain::access::Right;
use domain::batch::StopRequest;
use domain::limits::REASON_CHARS;
use domain::status::BatchStatus;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::change::{Change, Hand};
use web::{ApiResult, Body, Caller, ClientInfo, Invalid, PathParams, orders};

/// Why it shall stop; the body may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct StopIn {
    /// Reason, for whoever looks later.
    #[serde(default)]
    reason: Option<String>,
}

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
    params(("batch_id" = String, Path)), request_body = Option<StopIn>,
    responses((status = 200, body = StopOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch")))]
pub async fn stop_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    body: Option<Body<StopIn>>,
) -> ApiResult<Json<StopOut>> {
    let reason = body.map_or_else(StopIn::default, |Body(body)| body).reason;
    let reason = reason
        .map(|r| r.trim().to_owned())
        .filter(|r| !r.is_empty());
    Invalid::check_chars("reason", reason.as_deref(), REASON_CHARS)?;
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let batch = hand
        .change(path.text(0), Right::Edit, |batch, now| {
            if batch.status.after_stop() == batch.status {
                return Ok(None);
            }
            let by = caller.user().username.clone();
            batch.status = BatchStatus::Stopping;
            let data = json!({"requested_by": by, "requested_at": now.to_text(), "reason": reason});
            batch.stop = Some(StopRequest {
                signalled_at: None,
                by,
                at: now,
                reason: reason.clone(),
            });
            let (event, audit) = ("batch_stop_requested", "batch_stop_requested");
            Ok(Some(Change::of_batch(&batch.id, event, data, audit)))
        })
        .await?;
    orders::after_stop(&services, &batch).await?;
    Ok(Json(StopOut {
        status: batch.status.as_str(),
        batch_id: batch.id,
    }))
}
