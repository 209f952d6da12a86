//! `GET /api/projects/{project}/active-batches`: what is at work now.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use domain::batch::Batch;
use domain::figures::rounded;
use domain::job::Job;
use domain::time::Timestamp;
use domain::{eta, health, status};
use runtime::Services;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::fields::json_of;
use web::{ApiResult, PathParams, Visitor};

/// A job at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunningJob {
    /// Job.
    pub job_id: String,
    /// Model.
    pub model: Option<String>,
    /// Data set.
    pub dataset: Option<String>,
    /// Status.
    pub status: String,
    /// Client's time of the start.
    pub start_time: String,
    /// Metrics so far.
    pub metrics: Option<Value>,
}

/// A batch at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveBatch {
    /// Batch.
    pub batch_id: String,
    /// Project.
    pub project: String,
    /// Owner.
    pub owner_id: Option<u64>,
    /// Host.
    pub host: Option<String>,
    /// Status.
    pub status: &'static str,
    /// Jobs planned.
    pub n_total: Option<i64>,
    /// Jobs done.
    pub n_done: i64,
    /// Jobs failed.
    pub n_failed: i64,
    /// Ended of planned, percent.
    pub completion_pct: Option<f64>,
    /// Client's time of the start.
    pub start_time: String,
    /// Server time of the newest event.
    pub last_event_at: String,
    /// Seconds until the last planned job is done.
    pub eta_seconds: Option<i64>,
    /// Silent for too long.
    pub is_stalled: bool,
    /// Its jobs at work.
    pub running_jobs: Vec<RunningJob>,
    /// What is worth a look.
    pub warnings: Vec<String>,
}

/// Lists the batches of a project that have not ended, newest first.
#[utoipa::path(get, path = "/api/projects/{project}/active-batches", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = Vec<ActiveBatch>), (status = 404, description = "no such project")))]
pub async fn active_batches(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<Vec<ActiveBatch>>> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let now = services.clock.now();
    let active = project.batches.iter().zip(&project.jobs);
    let active = active.filter(|(batch, _)| batch.value.status.is_active());
    Ok(Json(
        active
            .map(|(batch, jobs)| card(&batch.value, jobs, now))
            .collect(),
    ))
}

fn card(batch: &Batch, jobs: &[Job], now: Timestamp) -> ActiveBatch {
    let health = health::of_batch(batch, jobs, now);
    let planned = batch.n_total.filter(|n| *n > 0);
    let ended = (batch.n_done + batch.n_failed) as f64;
    let running = jobs
        .iter()
        .filter(|job| status::job_is_running(&job.status));
    ActiveBatch {
        batch_id: batch.id.clone(),
        project: batch.project.clone(),
        owner_id: batch.owner_id,
        host: batch.host.clone(),
        status: batch.status.as_str(),
        n_total: batch.n_total,
        n_done: batch.n_done,
        n_failed: batch.n_failed,
        completion_pct: planned.map(|n| rounded(100.0 * ended / n as f64, 2)),
        start_time: batch.start_time.text.clone(),
        last_event_at: batch.last_event_at.to_text(),
        eta_seconds: planned.and_then(|_| eta::of_batch(batch, jobs).seconds),
        is_stalled: health.is_stalled,
        running_jobs: running
            .map(|job| RunningJob {
                job_id: job.id.clone(),
                model: job.model.clone(),
                dataset: job.dataset.clone(),
                status: job.status.clone(),
                start_time: job.start_time.text.clone(),
                metrics: job
                    .metrics
                    .as_ref()
                    .map(|metrics| Value::Object(json_of(metrics))),
            })
            .collect(),
        warnings: health.warnings,
    }
}
