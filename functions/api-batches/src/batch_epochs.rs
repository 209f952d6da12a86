//! `GET /api/batches/{id}/epochs`: the curves of all jobs, a page of jobs at a time.

use crate::epochs::{self, Wish};
use axum::extract::State;
use axum::response::Response;
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::Services;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;
use store::StoreError;
use utoipa::ToSchema;
use web::page::{decode_cursor, page};
use web::{ApiResult, Params, PathParams, Visitor, visible};

/// Streams read at the same time.
const SIDE_BY_SIDE: usize = 8;

/// Curve of one job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobCurve {
    /// Job.
    pub job_id: String,
    /// Its points, oldest first.
    pub points: Vec<Value>,
}

/// Curves of a page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchEpochsOut {
    /// Jobs in order of start.
    #[schema(value_type = Vec<JobCurve>)]
    pub jobs: Vec<Box<RawValue>>,
}

/// Lists the epochs of every job of a batch. The header `x-next-cursor` leads to more jobs.
#[utoipa::path(get, path = "/api/batches/{batch_id}/epochs", tag = "batches",
    params(("batch_id" = String, Path), ("limit" = Option<i64>, Query, description = "jobs, 1..200, default 50"),
        ("cursor" = Option<String>, Query), ("max_points" = Option<i64>, Query),
        ("metrics" = Option<String>, Query), ("nonfinite" = Option<String>, Query),
        ("attempts" = Option<String>, Query, description = "newest (default) or all")),
    responses((status = 200, body = BatchEpochsOut), (status = 404, description = "no such batch")))]
pub async fn batch_epochs(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let (batch, jobs) = visible::batch_with_jobs(&services, &caller, path.text(0)).await?;
    let wish = Wish::read(&params)?;
    let limit = params.integer("limit", 50, 1..=200)? as usize;
    let after = decode_cursor(params.text("cursor"))?;
    let from = match &after {
        Some(id) => jobs
            .iter()
            .position(|job| job.id == *id)
            .map_or(jobs.len(), |i| i + 1),
        None => 0,
    };
    let wanted: Vec<String> = jobs
        .iter()
        .skip(from)
        .take(limit)
        .map(|job| job.id.clone())
        .collect();
    let next = (from + wanted.len() < jobs.len())
        .then(|| wanted.last().cloned())
        .flatten();
    let now = services.clock.now();
    let (batch_id, wish): (Arc<str>, _) = (batch.id.into(), Arc::new(wish));
    // Tasks of their own: making these is work for every core there is.
    let jobs: Vec<Box<RawValue>> = iter(wanted)
        .map(|job_id| {
            let (store, batch_id) = (services.store.clone(), Arc::clone(&batch_id));
            let wish = Arc::clone(&wish);
            tokio::spawn(async move {
                let points = epochs::points(&store, &batch_id, &job_id, &wish, now).await?;
                to_raw_value(&JobCurve { job_id, points })
                    .map_err(|problem| StoreError::Corrupt(problem.to_string()))
            })
        })
        .buffered(SIDE_BY_SIDE)
        .map(|done| done.unwrap_or_else(|lost| Err(StoreError::Failed(lost.to_string()))))
        .try_collect()
        .await?;
    Ok(page(BatchEpochsOut { jobs }, next.as_deref()))
}
