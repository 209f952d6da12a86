//! `POST /api/events/batch`: up to 500 events, each accepted or refused on its own.

use crate::deliver::deliver;
use crate::intake;
use crate::state::Intake;
use crate::verdict::{BatchEventResult, Verdict};
use axum::extract::{FromRequestParts, Request, State};
use axum::{Extension, Json};
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use web::{ApiResult, RunReporter};

/// Answer to a batch of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchEventsOut {
    /// Stored now or before.
    pub accepted: usize,
    /// Refused.
    pub rejected: usize,
    /// One row per event, in input order.
    pub results: Vec<BatchEventResult>,
    /// Per batch id: whether somebody asked it to stop.
    pub stop: BTreeMap<String, bool>,
    /// Batches among them that somebody deleted: what came is kept until they are restored or
    /// removed, but nobody sees it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<String>,
}

/// Posts up to 500 events. A transient failure (503) stores nothing twice when repeated.
#[utoipa::path(post, path = "/api/events/batch", tag = "ingest",
    params(("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`; none: plain")),
    request_body(content = serde_json::Value, description = "`{\"events\": [event, …]}`"),
    responses((status = 200, body = BatchEventsOut, headers(("Accept-Encoding" = String, description = "what posts may be compressed with (RFC 7694); on every answer"))),
        (status = 400, description = "not what Content-Encoding says"), (status = 403, description = "not a reporter token"),
        (status = 413, description = "body too large, counted after decompression"),
        (status = 415, description = "a Content-Encoding that Accept-Encoding does not offer"), (status = 422, description = "malformed envelope, or not 1..500 events"),
        (status = 429, description = "slow down, see Retry-After"), (status = 503, description = "not stored, try again")))]
pub async fn post_events_batch(
    State(services): State<Services>,
    Extension(intake): Extension<Arc<Intake>>,
    request: Request,
) -> ApiResult<Json<BatchEventsOut>> {
    let (mut parts, body) = request.into_parts();
    let limits = services.settings().await?.ingest;
    let body = intake::parse(&parts.headers, body, limits.body_bytes).await?;
    let RunReporter(caller) = RunReporter::from_request_parts(&mut parts, &services).await?;
    let now = services.clock.now();
    intake.admit(&caller, limits, now)?;
    let posted = intake::many(body)?;
    let locale = intake::locale(&parts);
    let ids: Vec<Option<String>> = posted.iter().map(|p| p.event_id.clone()).collect();
    let done = deliver(&intake, &services, caller.actor(), posted, now).await?;
    let verdicts = done.verdicts;
    let rejected = verdicts
        .iter()
        .filter(|v| matches!(v, Verdict::Rejected(_)))
        .count();
    let results: Vec<BatchEventResult> = ids
        .into_iter()
        .zip(&verdicts)
        .map(|(id, verdict)| BatchEventResult::new(id, verdict, locale))
        .collect();
    Ok(Json(BatchEventsOut {
        accepted: results.len() - rejected,
        rejected,
        results,
        stop: done.stop,
        deleted: done.deleted,
    }))
}
