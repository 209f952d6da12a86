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
/// Jobs of a page; a page with more ends before its limit, and its cursor leads on.
const JOBS: usize = 3000;

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

/// Lists batches with jobs, newest epochs and gauges. A page ends early once it holds 3,000 jobs;
/// the header `x-next-cursor` leads on.
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
    let (placed, next) = find(&services, &caller, &wanted).await?;
    let (batches, positions): (Vec<_>, Vec<_>) = placed.into_iter().unzip();
    let jobs = services.store.live_jobs_now(&batches).await?;
    let cards = fitting(jobs.iter().map(Vec::len));
    let next = match cards < batches.len() {
        true => positions.into_iter().nth(cards - 1),
        false => next,
    };
    // Tasks of their own: making these is work for every core there is.
    let batches: Vec<Box<RawValue>> = iter(batches.into_iter().zip(jobs).take(cards))
        .map(|(batch, jobs)| tokio::spawn(card(services.clone(), batch.value, jobs, gauges)))
        .buffered(SIDE_BY_SIDE)
        .map(|done| done.unwrap_or_else(|lost| Err(StoreError::Failed(lost.to_string()).into())))
        .try_collect()
        .await?;
    Ok(page(BatchCompactListOut { batches }, next.as_deref()))
}

/// How many cards of so many jobs a page has room for: at least one.
fn fitting(sizes: impl Iterator<Item = usize>) -> usize {
    let mut sum = 0;
    let fits = sizes.take_while(|size| {
        sum += size;
        sum <= JOBS
    });
    fits.count().max(1)
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

#[cfg(test)]
mod tests {
    use super::{JOBS, fitting};

    #[test]
    fn a_page_ends_before_it_grows_too_large_and_is_never_empty() {
        let of = |sizes: &[usize]| fitting(sizes.iter().copied());
        assert_eq!(of(&[JOBS + 1, 1]), 1);
        assert_eq!(of(&[JOBS - 1, 1, 1]), 2);
        assert_eq!(of(&[3, 0, 3]), 3);
    }
}
