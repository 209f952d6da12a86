//! `GET /api/projects/{project}`: the figures of one project.

use crate::guardrails::GuardrailsOut;
use crate::load::{Project, USUAL_METRIC};
use crate::settings::directions;
use axum::Json;
use axum::extract::State;
use domain::access::Role;
use domain::leaderboard::leaderboard;
use domain::project::Visibility;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use web::{ApiResult, PathParams, Visitor};

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;

/// The best value of the usual metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct BestMetric {
    /// Metric.
    pub name: String,
    /// Value.
    pub value: f64,
}

/// Figures of a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectOut {
    /// What scripts send; never changes.
    pub project: String,
    /// What people read.
    pub name: String,
    /// A few sentences.
    pub description: Option<String>,
    /// `private` or `public`.
    pub visibility: &'static str,
    /// Everybody may look.
    pub is_public: bool,
    /// The description of a public project.
    pub public_description: Option<String>,
    /// What the caller is in it: viewer, editor, owner; null for a name they only use.
    pub role: Option<&'static str>,
    /// The metric its tables start with.
    pub primary_metric: Option<String>,
    /// Directions that differ from the usual ones, by metric.
    pub directions: BTreeMap<String, &'static str>,
    /// The batch others are measured against.
    pub baseline_batch_id: Option<String>,
    /// From when on its runs count as wrong, where that differs; null for a name without settings.
    pub guardrails: Option<GuardrailsOut>,
    /// Whether editors may have others' batches run again, on those others' machines.
    pub editors_may_rerun: bool,
    /// When it was made, by hand or by the first report.
    pub created_at: Option<String>,
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
    /// Best value of the primary metric, else of MSE.
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
    caller: Visitor,
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
    let metric = project.primary_metric().unwrap_or(USUAL_METRIC).to_owned();
    let direction = project.direction(&metric);
    let best = leaderboard(project.runs(), &metric, direction);
    let best = best
        .into_iter()
        .filter_map(|row| row.value)
        .reduce(|a, b| if direction.better(b, a) { b } else { a });
    let is_starred = match &caller.0 {
        Some(identity) => {
            let starred = services.store.starred_projects(identity.user.id).await?;
            starred.contains(&project.name)
        }
        None => false,
    };
    let figures = project.figures();
    let settings = project.settings.as_ref();
    let is_public = figures.visibility() == Visibility::Public;
    let description = settings.and_then(|s| s.description.clone());
    let (jobs_done, jobs_failed) = figures.counts();
    Ok(Json(ProjectOut {
        n_batches: project.batches.len(),
        running_batches: figures.running(),
        jobs_done,
        jobs_failed,
        failure_rate: figures.failure_rate(),
        gpu_hours: figures.gpu_hours(),
        best_metric: best.map(|value| BestMetric {
            name: metric,
            value,
        }),
        first_event_at: batches()
            .map(|b| b.created_at)
            .min()
            .map(Timestamp::to_text),
        last_event_at: figures.last_event_at().map(Timestamp::to_text),
        batches_this_week: batches().filter(|b| b.start_time.at >= week_ago).count(),
        is_starred,
        owners: owners.into_iter().collect(),
        name: figures.title().to_owned(),
        public_description: description.clone().filter(|_| is_public),
        description,
        visibility: figures.visibility().as_str(),
        is_public,
        role: project.role.map(Role::as_str),
        primary_metric: settings.and_then(|s| s.primary_metric.clone()),
        directions: settings.map_or_else(BTreeMap::new, directions),
        baseline_batch_id: settings.and_then(|s| s.baseline.clone()),
        guardrails: settings.map(|s| GuardrailsOut::from(&s.guardrails)),
        editors_may_rerun: settings.is_some_and(|s| s.editors_may_rerun),
        created_at: settings.map(|s| s.created_at.to_text()),
        project: project.name.clone(),
    }))
}
