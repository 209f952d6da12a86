//! Jobs of a batch, one job, and the newest epoch of each.

use crate::view::{self, JobEpochLatest, JobOut};
use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, PathParams, Visitor, visible};
use wire::Code;

/// Lists the jobs of a batch, start ascending.
#[utoipa::path(get, path = "/api/batches/{batch_id}/jobs", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = Vec<JobOut>), (status = 404, description = "no such batch")))]
pub async fn list_jobs(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<Vec<JobOut>>> {
    let batch = visible::at_revision(&services, &caller, path.text(0)).await?;
    let jobs = visible::jobs(&services, &batch).await?;
    Ok(Json(jobs.into_iter().map(JobOut::from).collect()))
}

/// Shows a job.
#[utoipa::path(get, path = "/api/jobs/{batch_id}/{job_id}", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = JobOut), (status = 404, description = "no such job")))]
pub async fn show_job(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<JobOut>> {
    let job = visible::job(&services, &caller, path.text(0), path.text(1)).await?;
    let job = job.ok_or_else(|| ApiError::new(Code::JobNotFound))?;
    Ok(Json(job.into()))
}

/// Newest epochs of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchEpochsLatestOut {
    /// One entry per job that reported an epoch.
    pub jobs: Vec<JobEpochLatest>,
}

/// Shows the newest epoch of every job, with a short trace for sparklines.
#[utoipa::path(get, path = "/api/batches/{batch_id}/epochs/latest", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BatchEpochsLatestOut), (status = 404, description = "no such batch")))]
pub async fn epochs_latest(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<BatchEpochsLatestOut>> {
    let batch = visible::at_revision(&services, &caller, path.text(0)).await?;
    let jobs = visible::jobs(&services, &batch).await?;
    Ok(Json(BatchEpochsLatestOut {
        jobs: view::epochs_latest(&jobs),
    }))
}
