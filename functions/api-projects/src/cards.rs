//! `GET /api/projects`: a card per project.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use domain::access::Role;
use domain::leaderboard::{Run, card_metric, leaderboard};
use domain::mark::StarTarget;
use domain::metric::Direction;
use domain::status;
use domain::time::Timestamp;
use runtime::{Identity, Services};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashSet;
use utoipa::ToSchema;
use web::{ApiResult, Caller};

/// Models shown on a card.
const TOP: usize = 3;
/// Days of the small histogram.
const DAYS: i64 = 7;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// A model with its best result.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopModel {
    /// Model.
    pub model: Option<String>,
    /// Data set.
    pub dataset: Option<String>,
    /// Metric.
    pub metric_name: String,
    /// Its value.
    pub metric_value: f64,
}

/// A card.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectCard {
    /// What scripts send.
    pub project: String,
    /// What people read.
    pub name: String,
    /// `private` or `public`.
    pub visibility: &'static str,
    /// What the caller is in it; null for a name they only use, and for administrators.
    pub role: Option<&'static str>,
    /// Batches.
    pub n_batches: usize,
    /// Batches at work.
    pub running_batches: usize,
    /// Live jobs done.
    pub jobs_done: i64,
    /// Live jobs failed.
    pub jobs_failed: i64,
    /// Server time of the newest event.
    pub last_event_at: Option<String>,
    /// The caller starred it.
    pub is_starred: bool,
    /// It came with the installation.
    pub is_demo: bool,
    /// Failed of all that ended.
    pub failure_rate: Option<f64>,
    /// Hours of all jobs.
    pub gpu_hours: f64,
    /// Best models.
    pub top_models: Vec<TopModel>,
    /// Batches started per UTC day, oldest first, today last.
    pub batch_volume_7d: Vec<usize>,
}

/// Names of the projects the caller starred.
pub async fn starred(services: &Services, who: &Identity) -> ApiResult<HashSet<String>> {
    let stars = services.store.stars(who.user.id).await?;
    let of_projects = stars
        .into_iter()
        .filter(|star| star.target_type == StarTarget::Project);
    Ok(of_projects.map(|star| star.target_id).collect())
}

/// Lists projects: starred first, then those at work, then by recency.
#[utoipa::path(get, path = "/api/projects", tag = "projects",
    responses((status = 200, body = Vec<ProjectCard>)))]
pub async fn list_projects(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ProjectCard>>> {
    let mut projects = Project::load_all(&services, &caller).await?;
    let starred = starred(&services, &caller).await?;
    let now = services.clock.now();
    projects.sort_by_cached_key(|project| {
        let starred = starred.contains(&project.name);
        (
            Reverse((starred, project.running(), project.last_event_at())),
            project.name.clone(),
        )
    });
    let card = |project: &Project| card(project, starred.contains(&project.name), now);
    Ok(Json(projects.iter().map(card).collect()))
}

fn card(project: &Project, is_starred: bool, now: Timestamp) -> ProjectCard {
    let (jobs_done, jobs_failed) = project.counts();
    ProjectCard {
        project: project.name.clone(),
        name: project.title().to_owned(),
        visibility: project.visibility().as_str(),
        role: project.role.map(Role::as_str),
        n_batches: project.batches.len(),
        running_batches: project.running(),
        jobs_done,
        jobs_failed,
        last_event_at: project.last_event_at().map(Timestamp::to_text),
        is_starred,
        is_demo: false,
        failure_rate: project.failure_rate(),
        gpu_hours: project.gpu_hours(),
        top_models: top_models(project),
        batch_volume_7d: volume(project, now),
    }
}

fn top_models(project: &Project) -> Vec<TopModel> {
    let done = project
        .runs()
        .filter(|run| status::job_is_done(&run.job.status));
    let done: Vec<Run<'_>> = done.collect();
    let Some(metric) = project.primary_metric().or(card_metric(&done)) else {
        return vec![];
    };
    let direction = project.direction(metric);
    let rows = leaderboard(done, metric, direction);
    let mut valued: Vec<_> = rows
        .into_iter()
        .filter_map(|best| Some((best.value.filter(|v| v.is_finite())?, best.run)))
        .collect();
    valued.sort_by(|(a, _), (b, _)| match direction {
        Direction::Minimize => a.total_cmp(b),
        Direction::Maximize => b.total_cmp(a),
    });
    let top = valued
        .into_iter()
        .take(TOP)
        .map(|(metric_value, run)| TopModel {
            model: run.job.model.clone(),
            dataset: run.job.dataset.clone(),
            metric_name: metric.to_owned(),
            metric_value,
        });
    top.collect()
}

fn volume(project: &Project, now: Timestamp) -> Vec<usize> {
    let today = now.0.div_euclid(DAY_MS);
    let mut days = vec![0; DAYS as usize];
    for batch in &project.batches {
        let age = today - batch.value.start_time.at.0.div_euclid(DAY_MS);
        if (0..DAYS).contains(&age) {
            days[(DAYS - 1 - age) as usize] += 1;
        }
    }
    days
}
