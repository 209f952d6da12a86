//! `GET /api/projects/{project}`: the figures of one project.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use domain::leaderboard::leaderboard;
use domain::metric::Direction;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use web::{ApiResult, Caller, PathParams};

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;

/// The best value of the usual metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct BestMetric {
    /// Metric.
    pub name: &'static str,
    /// Value.
    pub value: f64,
}

/// Figures of a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectOut {
    /// Name.
    pub project: String,
    /// Batches.
    pub n_batches: usize,
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
    /// Lowest MSE.
    pub best_metric: Option<BestMetric>,
    /// Server time of the first event.
    pub first_event_at: Option<String>,
    /// Server time of the newest event.
    pub last_event_at: Option<String>,
    /// Batches started in the last seven days.
    pub batches_this_week: usize,
    /// The caller starred it.
    pub is_starred: bool,
    /// User names of the owners of its batches, sorted.
    pub owners: Vec<String>,
}

/// Shows a project.
#[utoipa::path(get, path = "/api/projects/{project}", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectOut), (status = 404, description = "no such project")))]
pub async fn show_project(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<ProjectOut>> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let batches = || project.batches.iter().map(|batch| &batch.value);
    let mut owners = BTreeSet::new();
    for id in batches()
        .filter_map(|batch| batch.owner_id)
        .collect::<BTreeSet<_>>()
    {
        owners.extend(
            services
                .store
                .user(id)
                .await?
                .map(|user| user.value.username),
        );
    }
    let week_ago = services.clock.now().plus_secs(-WEEK);
    let best = leaderboard(project.runs(), "MSE", Direction::Minimize);
    let best = best
        .into_iter()
        .filter_map(|row| row.value)
        .min_by(f64::total_cmp);
    let figures = project.figures();
    let (jobs_done, jobs_failed) = figures.counts();
    let starred = services.store.starred_projects(caller.user.id).await?;
    Ok(Json(ProjectOut {
        n_batches: project.batches.len(),
        running_batches: figures.running(),
        jobs_done,
        jobs_failed,
        failure_rate: figures.failure_rate(),
        gpu_hours: figures.gpu_hours(),
        best_metric: best.map(|value| BestMetric { name: "MSE", value }),
        first_event_at: batches()
            .map(|b| b.created_at)
            .min()
            .map(Timestamp::to_text),
        last_event_at: figures.last_event_at().map(Timestamp::to_text),
        batches_this_week: batches().filter(|b| b.start_time.at >= week_ago).count(),
        is_starred: starred.contains(&project.name),
        owners: owners.into_iter().collect(),
        project: project.name.clone(),
    }))
}
