//! `/api/public/{slug}`: what whoever has a public link reads of one batch, and nothing else.
//!
//! It lies here and not in a function of its own because it shows the same views from the same
//! reads; what differs is only how the batch is found.

use crate::batch_logs::{LogLineOut, lines_of};
use crate::epochs::{self, Wish};
use crate::jobs::BatchEpochsLatestOut;
use crate::resources::{BatchResourcesOut, resources_of};
use crate::view::{self, JobOut};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::batch::Batch;
use domain::bucket;
use domain::job::Job;
use runtime::Services;
use serde::Serialize;
use serde_json::Value;
use store::Versioned;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, ClientInfo, Params, PathParams, quota, visible};
use wire::Code;

/// A batch as strangers see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicBatchOut {
    /// Client's id.
    pub id: String,
    /// Name people gave it.
    pub name: Option<String>,
    /// Project.
    pub project: String,
    /// Kind of experiment.
    pub experiment_type: Option<String>,
    /// Host of the script.
    pub host: Option<String>,
    /// Command line.
    pub command: Option<String>,
    /// Jobs planned.
    pub n_total: Option<i64>,
    /// Jobs done.
    pub n_done: i64,
    /// Jobs failed.
    pub n_failed: i64,
    /// Status word.
    pub status: &'static str,
    /// Client's time of the first event.
    pub start_time: String,
    /// Client's time of the end.
    pub end_time: Option<String>,
    /// Who shares it, without a name.
    pub owner_label: String,
}

/// Finds the batch of a link and counts the read.
async fn followed(
    services: &Services,
    client: &ClientInfo,
    slug: &str,
) -> ApiResult<Versioned<Batch>> {
    quota::take(services, bucket::PUBLIC, client.network()).await?;
    let now = services.clock.now();
    let missing = || ApiError::new(Code::LinkNotFound);
    let (link, _) = services.store.link(slug).await?.ok_or_else(missing)?;
    if !link.holds(now) {
        return Err(ApiError::new(Code::LinkExpired));
    }
    let found = services.store.batch(&link.batch_id).await?;
    let found = found.filter(|found| found.value.deleted_at.is_none());
    let found = found.ok_or_else(missing)?;
    services.store.count_view(slug, now).await?;
    Ok(found)
}

async fn live_job(services: &Services, batch: &Batch, job: &str) -> ApiResult<Job> {
    let found = services.store.job(&batch.id, job).await?;
    let job = found.map(|found| found.value);
    job.filter(|job| job.deleted_at.is_none())
        .ok_or_else(|| ApiError::new(Code::JobNotFound))
}

/// Shows the batch of a public link.
#[utoipa::path(get, path = "/api/public/{slug}", tag = "public", params(("slug" = String, Path)),
    responses((status = 200, body = PublicBatchOut), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_batch(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<PublicBatchOut>> {
    let batch = followed(&services, &client, path.text(0)).await?.value;
    let owner = batch.owner_id.map(|id| format!("Shared by user#{id}"));
    Ok(Json(PublicBatchOut {
        status: batch.status.as_str(),
        start_time: batch.start_time.text,
        end_time: batch.end_time.map(|time| time.text),
        owner_label: owner.unwrap_or_else(|| "Shared anonymously".to_owned()),
        id: batch.id,
        name: batch.name,
        project: batch.project,
        experiment_type: batch.experiment_type,
        host: batch.host,
        command: batch.command,
        n_total: batch.n_total,
        n_done: batch.n_done,
        n_failed: batch.n_failed,
    }))
}

/// Lists the jobs of a public link's batch, start ascending.
#[utoipa::path(get, path = "/api/public/{slug}/jobs", tag = "public", params(("slug" = String, Path)),
    responses((status = 200, body = Vec<JobOut>), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_jobs(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<Vec<JobOut>>> {
    let batch = followed(&services, &client, path.text(0)).await?;
    let jobs = visible::jobs(&services, &batch).await?;
    Ok(Json(jobs.into_iter().map(JobOut::from).collect()))
}

/// Shows a job of a public link's batch.
#[utoipa::path(get, path = "/api/public/{slug}/jobs/{job_id}", tag = "public",
    params(("slug" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = JobOut), (status = 404, description = "no such link or job"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_job(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<JobOut>> {
    let batch = followed(&services, &client, path.text(0)).await?.value;
    let job = live_job(&services, &batch, path.text(1)).await?;
    Ok(Json(job.into()))
}

/// Lists the epochs of a job of a public link's batch; an unknown job has none.
#[utoipa::path(get, path = "/api/public/{slug}/jobs/{job_id}/epochs", tag = "public",
    params(("slug" = String, Path), ("job_id" = String, Path),
        ("max_points" = Option<i64>, Query), ("metrics" = Option<String>, Query)),
    responses((status = 200, body = Vec<Value>), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_job_epochs(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<Vec<Value>>> {
    let wish = Wish::read(&params)?;
    let batch = followed(&services, &client, path.text(0)).await?.value;
    let points = epochs::points(
        &services.store,
        &batch.id,
        path.text(1),
        &wish,
        services.clock.now(),
    )
    .await?;
    Ok(Json(points))
}

/// Shows the newest epoch of every job of a public link's batch.
#[utoipa::path(get, path = "/api/public/{slug}/epochs/latest", tag = "public", params(("slug" = String, Path)),
    responses((status = 200, body = BatchEpochsLatestOut), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_epochs_latest(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<BatchEpochsLatestOut>> {
    let batch = followed(&services, &client, path.text(0)).await?;
    let jobs = visible::jobs(&services, &batch).await?;
    Ok(Json(BatchEpochsLatestOut {
        jobs: view::epochs_latest(&jobs),
    }))
}

/// Lists log lines of a public link's batch, newest first or, with `order=asc`, oldest first.
#[utoipa::path(get, path = "/api/public/{slug}/log-lines", tag = "public",
    params(("slug" = String, Path), ("limit" = Option<i64>, Query, description = "1..2000, default 200"),
        ("job_id" = Option<String>, Query), ("level" = Option<String>, Query), ("text" = Option<String>, Query),
        ("order" = Option<String>, Query), ("since" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<LogLineOut>), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_log_lines(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let batch = followed(&services, &client, path.text(0)).await?.value;
    lines_of(&services, &batch.id, &params).await
}

/// Shows the newest host gauges of a public link's batch.
#[utoipa::path(get, path = "/api/public/{slug}/resources", tag = "public", params(("slug" = String, Path)),
    responses((status = 200, body = BatchResourcesOut), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_resources(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<BatchResourcesOut>> {
    let batch = followed(&services, &client, path.text(0)).await?.value;
    Ok(Json(resources_of(&services, batch).await?))
}

/// Shows the environment of a public link's batch; null when none was reported.
#[utoipa::path(get, path = "/api/public/{slug}/env", tag = "public", params(("slug" = String, Path)),
    responses((status = 200, body = Value), (status = 404, description = "no such link"),
        (status = 410, description = "expired"), (status = 429, description = "too many reads")))]
pub async fn public_env(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<Value>> {
    let batch = followed(&services, &client, path.text(0)).await?.value;
    let env = match batch.has_env {
        true => services.store.env_snapshot(&batch.id).await?,
        false => None,
    };
    let env = env.and_then(|json| serde_json::from_str(&json).ok());
    Ok(Json(env.unwrap_or(Value::Null)))
}
