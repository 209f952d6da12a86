//! `GET /api/projects/{project}/resources`: when and where its jobs run.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use domain::figures::rounded;
use domain::status;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::{ApiResult, PathParams, Visitor};

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;
/// The epoch was a Thursday; Monday comes first here.
const EPOCH_WEEKDAY: i64 = 3;

/// Use of machines.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectResourcesOut {
    /// Project.
    pub project: String,
    /// Hours of the done jobs.
    pub gpu_hours: f64,
    /// Done jobs.
    pub jobs_completed: usize,
    /// Mean minutes of a done job.
    pub avg_job_minutes: Option<f64>,
    /// Done jobs by weekday (Monday first) and UTC hour of their end.
    pub hourly_heatmap: Vec<Vec<u32>>,
    /// Batches per host.
    pub host_distribution: BTreeMap<String, usize>,
}

/// Shows when and where the jobs of a project run.
#[utoipa::path(get, path = "/api/projects/{project}/resources", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectResourcesOut), (status = 404, description = "no such project")))]
pub async fn show_resources(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<ProjectResourcesOut>> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let done = || {
        project
            .runs()
            .filter(|run| status::job_is_done(&run.job.status))
    };
    let mut heatmap = vec![vec![0; 24]; 7];
    for end in done().filter_map(|run| run.job.end_time.as_ref()) {
        let hours = end.at.0.div_euclid(HOUR_MS);
        let weekday = (hours.div_euclid(24) + EPOCH_WEEKDAY).rem_euclid(7);
        heatmap[weekday as usize][hours.rem_euclid(24) as usize] += 1;
    }
    let took: Vec<i64> = done().filter_map(|run| run.job.elapsed_s).collect();
    let seconds = took.iter().sum::<i64>() as f64;
    let mut hosts = BTreeMap::new();
    for host in project
        .batches
        .iter()
        .filter_map(|batch| batch.value.host.clone())
    {
        *hosts.entry(host).or_default() += 1;
    }
    Ok(Json(ProjectResourcesOut {
        gpu_hours: rounded(seconds / 3600.0, 3),
        jobs_completed: done().count(),
        avg_job_minutes: (!took.is_empty()).then(|| rounded(seconds / 60.0 / took.len() as f64, 2)),
        hourly_heatmap: heatmap,
        host_distribution: hosts,
        project: project.name.clone(),
    }))
}
