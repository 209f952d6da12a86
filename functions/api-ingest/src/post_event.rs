//! `POST /api/events`: one event.

use crate::deliver::deliver;
use crate::intake;
use crate::state::Intake;
use crate::verdict::Verdict;
use axum::extract::{FromRequestParts, Request, State};
use axum::{Extension, Json};
use runtime::Services;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, RunReporter};
use wire::envelope::SCHEMA_VERSION;
use wire::{Code, Locale, Reject};

/// Answer to an accepted event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventAccepted {
    /// Always true; refusals are error answers.
    pub accepted: bool,
    /// Row id (the client's own id is only the key of deduplication).
    pub event_id: u64,
    /// It was stored before.
    pub deduplicated: bool,
    /// Somebody asked this batch to stop: end soon, no further poll is needed.
    pub stop: bool,
    /// Somebody deleted this batch: the event is kept, but nobody sees it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// Posts one event. Repeating it with the same `event_id` changes nothing.
#[utoipa::path(post, path = "/api/events", tag = "ingest",
    params(("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`; none: plain")),
    request_body(content = serde_json::Value, description = "an event, schema 1.1"),
    responses((status = 200, body = EventAccepted, headers(("Accept-Encoding" = String, description = "what posts may be compressed with (RFC 7694); on every answer"))),
        (status = 400, description = "not what Content-Encoding says, or no job_id"), (status = 403, description = "not a reporter token, or somebody else's batch"),
        (status = 413, description = "body too large, counted after decompression"),
        (status = 415, description = "unsupported schema_version, or a Content-Encoding that Accept-Encoding does not offer"), (status = 422, description = "invalid event"),
        (status = 429, description = "slow down, see Retry-After"), (status = 503, description = "not stored, try again")))]
pub async fn post_event(
    State(services): State<Services>,
    Extension(intake): Extension<Arc<Intake>>,
    request: Request,
) -> ApiResult<Json<EventAccepted>> {
    let (mut parts, body) = request.into_parts();
    let limits = services.settings().await?.ingest;
    let body = intake::parse(&parts.headers, body, limits.body_bytes).await?;
    let RunReporter(caller) = RunReporter::from_request_parts(&mut parts, &services).await?;
    let now = services.clock.now();
    intake.admit(&caller, limits, now)?;
    let posted = intake::single(body)?;
    if posted.event_id.is_none() {
        let missing = || Reject::new(Code::EventIdMissing, [""; 0]);
        return Err(refused(posted.event.err().unwrap_or_else(missing)));
    }
    let done = deliver(&intake, &services, caller.actor(), vec![posted], now).await?;
    let (event_id, deduplicated) = match done.verdicts.into_iter().next() {
        Some(Verdict::Accepted(id)) => (id, false),
        Some(Verdict::Duplicate(id)) => (id, true),
        Some(Verdict::Rejected(reject)) => return Err(ApiError::rejected(reject)),
        None => return Err(ApiError::new(Code::Internal)),
    };
    Ok(Json(EventAccepted {
        accepted: true,
        event_id,
        deduplicated,
        stop: done.stop.values().any(|stop| *stop),
        deleted: !done.deleted.is_empty(),
    }))
}

/// The contract's answer to an unsupported version is an object, not a text.
fn refused(reject: Reject) -> ApiError {
    let version = reject.params.first().cloned().unwrap_or_default();
    let unsupported = reject.code == Code::SchemaUnsupported;
    let error = ApiError::rejected(reject);
    if !unsupported {
        return error;
    }
    let message = error.text(Locale::English);
    error.detail(json!({"message": message, "received": version, "supported": [SCHEMA_VERSION]}))
}
