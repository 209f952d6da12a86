//! `POST /api/events/batch`: up to 500 events, each accepted or refused on its own.

use crate::intake::{self, Posted};
use crate::state::Intake;
use crate::verdict::{BatchEventResult, Verdict};
use crate::writer::Writers;
use axum::extract::{FromRequestParts, Request, State};
use axum::{Extension, Json};
use domain::access::Actor;
use domain::time::Timestamp;
use futures::future::try_join_all;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use web::{ApiResult, Reporter};

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
}

/// Posts up to 500 events. A transient failure (503) stores nothing twice when repeated.
#[utoipa::path(post, path = "/api/events/batch", tag = "ingest",
    request_body(content = serde_json::Value, description = "`{\"events\": [event, …]}`"),
    responses((status = 200, body = BatchEventsOut), (status = 403, description = "not a reporter token"),
        (status = 413, description = "body too large"), (status = 422, description = "malformed envelope, or not 1..500 events"),
        (status = 429, description = "slow down, see Retry-After"), (status = 503, description = "not stored, try again")))]
pub async fn post_events_batch(
    State(services): State<Services>,
    Extension(intake): Extension<Arc<Intake>>,
    request: Request,
) -> ApiResult<Json<BatchEventsOut>> {
    let (mut parts, body) = request.into_parts();
    let body = intake::parse(&parts.headers, body).await?;
    let Reporter(caller) = Reporter::from_request_parts(&mut parts, &services).await?;
    let now = services.clock.now();
    intake.admit(&caller, &services, now)?;
    let posted = intake::many(body)?;
    let locale = intake::locale(&parts);
    let ids: Vec<Option<String>> = posted.iter().map(|p| p.event_id.clone()).collect();
    let (verdicts, stop) = write(intake.writers(&services), caller.actor(), posted, now).await?;
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
        stop,
    }))
}

/// Hands every batch its events, all batches side by side, and puts the verdicts back in order.
async fn write(
    writers: &Arc<Writers>,
    actor: Actor,
    posted: Vec<Posted>,
    now: Timestamp,
) -> ApiResult<(Vec<Verdict>, BTreeMap<String, bool>)> {
    let mut verdicts: Vec<Option<Verdict>> = vec![None; posted.len()];
    let mut groups: BTreeMap<String, (Vec<usize>, Vec<Posted>)> = BTreeMap::new();
    for (i, item) in posted.into_iter().enumerate() {
        match (&item.event_id, item.event) {
            (None, Err(reject)) => verdicts[i] = Some(Verdict::Rejected(reject)),
            (_, event) => {
                let (places, items) = groups.entry(item.batch_id.clone()).or_default();
                places.push(i);
                items.push(Posted { event, ..item });
            }
        }
    }
    let work = groups
        .into_iter()
        .map(|(batch, (places, items))| async move {
            let outcome = writers.submit(batch.clone(), actor, items, now).await?;
            Ok::<_, store::StoreError>((batch, places, outcome))
        });
    let mut stop = BTreeMap::new();
    for (batch, places, outcome) in try_join_all(work).await? {
        stop.insert(batch, outcome.stop);
        for (place, verdict) in places.into_iter().zip(outcome.verdicts) {
            verdicts[place] = Some(verdict);
        }
    }
    Ok((verdicts.into_iter().flatten().collect(), stop))
}
