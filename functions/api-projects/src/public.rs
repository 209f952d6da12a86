//! `/api/public/projects`: public projects for everybody. The same tables as at the normal
//! addresses, as somebody without an account sees them.

use crate::active::{ActiveBatch, active_batches};
use crate::leaderboard::{LeaderboardRow, show_leaderboard};
use crate::load::Project;
use crate::matrix::{MatrixOut, show_matrix};
use crate::resources::{ProjectResourcesOut, show_resources};
use axum::Json;
use axum::extract::State;
use domain::bucket;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, ClientInfo, Params, PathParams, Visitor, quota};
use wire::Code;

/// Nobody in particular, whoever asks.
const NOBODY: Visitor = Visitor(None);

/// A public project.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicProjectSummary {
    /// What scripts send.
    pub project: String,
    /// What people read.
    pub name: String,
    /// A few sentences.
    pub description: Option<String>,
    /// Since when it is public.
    pub published_at: Option<String>,
    /// Batches.
    pub n_batches: usize,
}

/// Figures of a public project.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicProjectDetail {
    /// Name, description, batches.
    #[serde(flatten)]
    pub summary: PublicProjectSummary,
    /// Batches at work.
    pub running_batches: usize,
    /// Live jobs done.
    pub jobs_done: i64,
    /// Live jobs failed.
    pub jobs_failed: i64,
    /// Failed of all that ended.
    pub failure_rate: Option<f64>,
    /// Hours of all jobs.
    pub gpu_hours: f64,
    /// Server time of the first event.
    pub first_event_at: Option<String>,
    /// Server time of the newest event.
    pub last_event_at: Option<String>,
}

/// A batch of a public project.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicProjectBatch {
    /// Batch.
    pub batch_id: String,
    /// Project.
    pub project: String,
    /// Host.
    pub host: Option<String>,
    /// Status word.
    pub status: &'static str,
    /// Jobs planned.
    pub n_total: Option<i64>,
    /// Jobs done.
    pub n_done: i64,
    /// Jobs failed.
    pub n_failed: i64,
    /// Client's time of the start.
    pub start_time: String,
    /// Client's time of the end.
    pub end_time: Option<String>,
}

async fn count(services: &Services, client: &ClientInfo) -> ApiResult<()> {
    quota::take(services, bucket::PUBLIC, client.network()).await
}

/// Here a login would not help.
fn hidden(error: ApiError) -> ApiError {
    match error.code() {
        Code::AuthRequired => ApiError::new(Code::ProjectNotFound),
        _ => error,
    }
}

/// Refuses what nobody may see, and what is empty.
fn shown(project: ApiResult<Project>) -> ApiResult<Project> {
    let project = project.map_err(hidden)?;
    match project.batches.is_empty() {
        true => Err(ApiError::new(Code::ProjectNotFound)),
        false => Ok(project),
    }
}

fn summary(project: &Project) -> PublicProjectSummary {
    let settings = project.settings.as_ref();
    PublicProjectSummary {
        project: project.name.clone(),
        name: project.figures().title().to_owned(),
        description: settings.and_then(|s| s.description.clone()),
        published_at: settings
            .and_then(|s| s.published_at)
            .map(Timestamp::to_text),
        n_batches: project.batches.len(),
    }
}

/// Lists the public projects that have batches, newest published first.
#[utoipa::path(get, path = "/api/public/projects", tag = "public",
    responses((status = 200, body = Vec<PublicProjectSummary>), (status = 429, description = "too many reads")))]
pub async fn list_public_projects(
    State(services): State<Services>,
    client: ClientInfo,
) -> ApiResult<Json<Vec<PublicProjectSummary>>> {
    count(&services, &client).await?;
    let mut found = services.store.public_projects().await?;
    found.sort_by(|a, b| (b.published_at, &a.name).cmp(&(a.published_at, &b.name)));
    let mut listed = Vec::new();
    for settings in found {
        let project = Project::outline(&services, &NOBODY, &settings.slug).await?;
        if !project.batches.is_empty() {
            listed.push(summary(&project));
        }
    }
    Ok(Json(listed))
}

/// Shows the figures of a public project.
#[utoipa::path(get, path = "/api/public/projects/{project}", tag = "public", params(("project" = String, Path)),
    responses((status = 200, body = PublicProjectDetail), (status = 404, description = "no such public project"),
        (status = 429, description = "too many reads")))]
pub async fn show_public_project(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<PublicProjectDetail>> {
    count(&services, &client).await?;
    let project = shown(Project::load(&services, &NOBODY, path.text(0)).await)?;
    let figures = project.figures();
    let (jobs_done, jobs_failed) = figures.counts();
    let first = project.batches.iter().map(|b| b.value.created_at).min();
    Ok(Json(PublicProjectDetail {
        summary: summary(&project),
        running_batches: figures.running(),
        jobs_done,
        jobs_failed,
        failure_rate: figures.failure_rate(),
        gpu_hours: figures.gpu_hours(),
        first_event_at: first.map(Timestamp::to_text),
        last_event_at: figures.last_event_at().map(Timestamp::to_text),
    }))
}

/// Lists the batches of a public project, newest start first.
#[utoipa::path(get, path = "/api/public/projects/{project}/batches", tag = "public",
    params(("project" = String, Path)),
    responses((status = 200, body = Vec<PublicProjectBatch>), (status = 404, description = "no such public project"),
        (status = 429, description = "too many reads")))]
pub async fn public_batches(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<Vec<PublicProjectBatch>>> {
    count(&services, &client).await?;
    let project = shown(Project::outline(&services, &NOBODY, path.text(0)).await)?;
    let batches = project.batches.into_iter().map(|found| found.value);
    let batches = batches.map(|batch| PublicProjectBatch {
        status: batch.status.as_str(),
        start_time: batch.start_time.text,
        end_time: batch.end_time.map(|time| time.text),
        batch_id: batch.id,
        project: batch.project,
        host: batch.host,
        n_total: batch.n_total,
        n_done: batch.n_done,
        n_failed: batch.n_failed,
    });
    Ok(Json(batches.collect()))
}

/// Lists the batches of a public project that have not ended.
#[utoipa::path(get, path = "/api/public/projects/{project}/active-batches", tag = "public",
    params(("project" = String, Path)),
    responses((status = 200, body = Vec<ActiveBatch>), (status = 404, description = "no such public project"),
        (status = 429, description = "too many reads")))]
pub async fn public_active_batches(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<Vec<ActiveBatch>>> {
    count(&services, &client).await?;
    let shown = active_batches(State(services), NOBODY, path).await;
    shown.map_err(hidden)
}

/// Lists the best runs of a public project.
#[utoipa::path(get, path = "/api/public/projects/{project}/leaderboard", tag = "public",
    params(("project" = String, Path), ("metric" = Option<String>, Query), ("direction" = Option<String>, Query)),
    responses((status = 200, body = Vec<LeaderboardRow>), (status = 404, description = "no such public project"),
        (status = 422, description = "parameters"), (status = 429, description = "too many reads")))]
pub async fn public_leaderboard(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<Vec<LeaderboardRow>>> {
    count(&services, &client).await?;
    let shown = show_leaderboard(State(services), NOBODY, path, params).await;
    shown.map_err(hidden)
}

/// Shows the matrix of a public project.
#[utoipa::path(get, path = "/api/public/projects/{project}/matrix", tag = "public",
    params(("project" = String, Path), ("metric" = Option<String>, Query), ("direction" = Option<String>, Query)),
    responses((status = 200, body = MatrixOut), (status = 404, description = "no such public project"),
        (status = 422, description = "parameters"), (status = 429, description = "too many reads")))]
pub async fn public_matrix(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<MatrixOut>> {
    count(&services, &client).await?;
    let shown = show_matrix(State(services), NOBODY, path, params).await;
    shown.map_err(hidden)
}

/// Shows when and where the jobs of a public project run.
#[utoipa::path(get, path = "/api/public/projects/{project}/resources", tag = "public",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectResourcesOut), (status = 404, description = "no such public project"),
        (status = 429, description = "too many reads")))]
pub async fn public_project_resources(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<ProjectResourcesOut>> {
    count(&services, &client).await?;
    let shown = show_resources(State(services), NOBODY, path).await;
    shown.map_err(hidden)
}
