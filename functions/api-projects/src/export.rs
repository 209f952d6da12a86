//! Tables of a project for download.

use crate::load::{Project, USUAL_METRIC};
use axum::extract::State;
use axum::response::Response;
use domain::job::Job;
use domain::leaderboard::leaderboard;
use runtime::Services;
use web::csv::{self, Cell, METRICS};
use web::{ApiResult, PathParams, Visitor};

/// Downloads the best run per model and data set.
#[utoipa::path(get, path = "/api/projects/{project}/export.csv", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, description = "no such project")))]
pub async fn export_best(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Response> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let metric = project.primary_metric().unwrap_or(USUAL_METRIC);
    let best = leaderboard(project.runs(), metric, project.direction(metric));
    let rows: Vec<(String, Job)> = best
        .iter()
        .map(|best| (best.run.batch.id.clone(), best.run.job.clone()))
        .collect();
    let mut header = vec![
        "batch_id",
        "model",
        "dataset",
        "status",
        "epochs",
        "elapsed_s",
    ];
    header.extend(METRICS);
    let rows = rows.into_iter().map(|(batch, job)| {
        let mut row = vec![
            Cell::text(&batch),
            Cell::optional(job.model.as_deref()),
            Cell::optional(job.dataset.as_deref()),
            Cell::text(&job.status),
            Cell::epochs(&job),
            Cell::number(job.elapsed_s),
        ];
        row.extend(Cell::metrics(&job));
        row
    });
    Ok(csv::download(
        &format!("{}_leaderboard.csv", project.name),
        &header,
        rows,
    ))
}

/// Downloads every metric of every live job, a line each.
#[utoipa::path(get, path = "/api/projects/{project}/export-raw.csv", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, description = "no such project")))]
pub async fn export_raw(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Response> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let header = [
        "batch_id",
        "job_id",
        "model",
        "dataset",
        "status",
        "elapsed_s",
        "metric",
        "value",
    ];
    let name = format!("{}_raw.csv", project.name);
    let batches = project.batches.into_iter().map(|batch| batch.value.id);
    let rows = batches.zip(project.jobs).flat_map(|(batch, jobs)| {
        (0..jobs.len())
            .flat_map(move |i| lines(&batch, &jobs[i]))
            .collect::<Vec<_>>()
    });
    Ok(csv::download(&name, &header, rows))
}

fn lines(batch: &str, job: &Job) -> Vec<Vec<Cell>> {
    let line = |metric: &str, value: Cell| {
        vec![
            Cell::text(batch),
            Cell::text(&job.id),
            Cell::optional(job.model.as_deref()),
            Cell::optional(job.dataset.as_deref()),
            Cell::text(&job.status),
            Cell::number(job.elapsed_s),
            Cell::text(metric),
            value,
        ]
    };
    let metrics = job.metrics.iter().flatten();
    let lines: Vec<Vec<Cell>> = metrics
        .map(|(name, json)| line(name, Cell::json(Some(json))))
        .collect();
    match lines.is_empty() {
        true => vec![line("", Cell::empty())],
        false => lines,
    }
}
