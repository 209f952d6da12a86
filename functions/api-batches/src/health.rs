//! Signs of life and estimates of a batch and its jobs.

use axum::Json;
use axum::extract::State;
use domain::job::Job;
use domain::limits::STALLED_SECS;
use domain::time::Timestamp;
use domain::{eta, health};
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, PathParams, Visitor, visible};
use wire::Code;

/// Signs of life.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthOut {
    /// Batch.
    pub batch_id: String,
    /// Silent for longer than the threshold though it has not ended.
    pub is_stalled: bool,
    /// Seconds since the newest event.
    pub last_event_age_s: i64,
    /// Failures of jobs and of the batch.
    pub failure_count: i64,
    /// What is worth a look.
    pub warnings: Vec<String>,
    /// Threshold in seconds.
    pub stalled_threshold_s: i64,
}

/// Tells whether a batch still reports.
#[utoipa::path(get, path = "/api/batches/{batch_id}/health", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = HealthOut), (status = 404, description = "no such batch")))]
pub async fn batch_health(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<HealthOut>> {
    let (batch, jobs) = visible::batch_with_jobs(&services, &caller, path.text(0)).await?;
    let health = health::of_batch(&batch, &jobs, services.clock.now());
    Ok(Json(HealthOut {
        batch_id: batch.id,
        is_stalled: health.is_stalled,
        last_event_age_s: health.silent_s,
        failure_count: health.failures,
        warnings: health.warnings,
        stalled_threshold_s: STALLED_SECS,
    }))
}

/// When a batch will have ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchEtaOut {
    /// Batch.
    pub batch_id: String,
    /// Seconds; null without a sample.
    pub eta_seconds: Option<i64>,
    /// Planned jobs that have not ended.
    pub pending_count: i64,
    /// Done jobs the estimate rests on.
    pub sampled_done_jobs: usize,
}

/// Estimates when a batch ends.
#[utoipa::path(get, path = "/api/batches/{batch_id}/eta", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BatchEtaOut), (status = 404, description = "no such batch")))]
pub async fn batch_eta(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<BatchEtaOut>> {
    let (batch, jobs) = visible::batch_with_jobs(&services, &caller, path.text(0)).await?;
    let eta = eta::of_batch(&batch, &jobs);
    Ok(Json(BatchEtaOut {
        batch_id: batch.id,
        eta_seconds: eta.seconds,
        pending_count: eta.pending,
        sampled_done_jobs: eta.samples,
    }))
}

/// Estimate of one job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobEtaOut {
    /// Job; left out where it is the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// Seconds since the start, until the end once it ended.
    pub elapsed_s: i64,
    /// Epochs reported in this attempt.
    pub epochs_done: i64,
    /// Epochs planned; 50 when the job never said.
    pub epochs_total: i64,
    /// Seconds per epoch.
    pub avg_epoch_time_s: Option<f64>,
    /// Seconds until the end.
    pub eta_s: Option<i64>,
    /// Instant of the end.
    pub eta_iso: Option<String>,
}

impl JobEtaOut {
    fn of(job: &Job, now: Timestamp, named: bool) -> Self {
        let eta = eta::of_job(job, now);
        Self {
            job_id: named.then(|| job.id.clone()),
            elapsed_s: eta.elapsed,
            epochs_done: eta.done,
            epochs_total: eta.total,
            avg_epoch_time_s: eta.per_epoch,
            eta_s: eta.seconds,
            eta_iso: eta.ends_at.map(Timestamp::to_text),
        }
    }
}

/// Estimates when each job of a batch ends.
#[utoipa::path(get, path = "/api/batches/{batch_id}/jobs/eta-all", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BTreeMap<String, JobEtaOut>), (status = 404, description = "no such batch")))]
pub async fn jobs_eta(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<BTreeMap<String, JobEtaOut>>> {
    let batch = visible::at_revision(&services, &caller, path.text(0)).await?;
    let jobs = visible::jobs(&services, &batch).await?;
    let now = services.clock.now();
    let etas = jobs
        .into_iter()
        .map(|job| (job.id.clone(), JobEtaOut::of(&job, now, false)));
    Ok(Json(etas.collect()))
}

/// Estimates when a job ends.
#[utoipa::path(get, path = "/api/jobs/{batch_id}/{job_id}/eta", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = JobEtaOut), (status = 404, description = "no such job")))]
pub async fn job_eta(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<JobEtaOut>> {
    let job = visible::job(&services, &caller, path.text(0), path.text(1)).await?;
    let job = job.ok_or_else(|| ApiError::new(Code::JobNotFound))?;
    Ok(Json(JobEtaOut::of(&job, services.clock.now(), true)))
}
