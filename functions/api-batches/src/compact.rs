//! `GET /api/batches/compact`: a page of batches with everything a card shows.

use crate::list::{Wanted, find};
use crate::resources;
use crate::view::{BatchOut, JobEpochLatest, JobOut, epochs_latest};
use axum::extract::State;
use axum::response::Response;
use domain::batch::Batch;
use domain::job::Job;
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::Services;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use store::StoreError;
use utoipa::ToSchema;
use web::page::page;
use web::{ApiError, ApiResult, Params, Visitor};
use wire::snapshot::ResourceSnapshotOut;

/// Batches assembled at the same time.
const SIDE_BY_SIDE: usize = 8;

/// A card.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchCompactItem {
    /// The batch.
    pub batch: BatchOut,
    /// Its jobs.
    pub jobs: Vec<JobOut>,
    /// Their newest epochs.
    pub epochs_latest: Vec<JobEpochLatest>,
    /// Newest host gauges.
    pub resources: Vec<ResourceSnapshotOut>,
}

/// Cards of a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchCompactListOut {
    /// Newest start first.
    #[schema(value_type = Vec<BatchCompactItem>)]
    pub batches: Vec<Box<RawValue>>,
}

/// Lists batches with jobs, newest epochs and gauges.
#[utoipa::path(get, path = "/api/batches/compact", tag = "batches",
    params(("user" = Option<String>, Query), ("project" = Option<String>, Query),
        ("status" = Option<String>, Query), ("since" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "query, as for the list"),
        ("scope" = Option<String>, Query), ("limit" = Option<i64>, Query),
        ("resource_limit" = Option<i64>, Query, description = "1..100, default 20"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = BatchCompactListOut), (status = 422, description = "parameters")))]
pub async fn list_compact(
    State(services): State<Services>,
    caller: Visitor,
    params: Params,
) -> ApiResult<Response> {
    let wanted = Wanted::read(&params, &services)?;
    let gauges = params.integer("resource_limit", 20, 1..=100)? as usize;
    let (batches, next) = find(&services, &caller, &wanted).await?;
    let jobs = services.store.live_jobs_now(&batches).await?;
    // Tasks of their own: making these is work for every core there is.
    let batches: Vec<Box<RawValue>> = iter(batches.into_iter().zip(jobs))
        .map(|(batch, jobs)| tokio::spawn(card(services.clone(), batch.value, jobs, gauges)))
        .buffered(SIDE_BY_SIDE)
        .map(|done| done.unwrap_or_else(|lost| Err(StoreError::Failed(lost.to_string()).into())))
        .try_collect()
        .await?;
    Ok(page(BatchCompactListOut { batches }, next.as_deref()))
}

async fn card(
    services: Services,
    batch: Batch,
    jobs: Vec<Job>,
    gauges: usize,
) -> Result<Box<RawValue>, ApiError> {
    let rows = resources::newest(&services.store, &batch.id, gauges, services.clock.now()).await?;
    let card = BatchCompactItem {
        epochs_latest: epochs_latest(&jobs),
        jobs: jobs.into_iter().map(JobOut::from).collect(),
        resources: rows.iter().map(resources::snapshot).collect(),
        batch: BatchOut::row(batch),
    };
    to_raw_value(&card).map_err(|problem| StoreError::Corrupt(problem.to_string()).into())
}
