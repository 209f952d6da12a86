//! `GET /api/projects/{project}/leaderboard`: the best run per model and data set.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use domain::leaderboard::{Baseline, Best, leaderboard};
use domain::metric::number;
use domain::project::difference_pct;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::{ApiResult, Params, PathParams, Visitor};

/// A row.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaderboardRow {
    /// Model, empty when unnamed.
    pub model: String,
    /// Data set, empty when unnamed.
    pub dataset: String,
    /// Best value.
    pub best_metric: Option<f64>,
    /// Metric; null when the row has no value.
    pub metric_name: Option<String>,
    /// Which way it gets better.
    pub direction: &'static str,
    /// Batch of the best run.
    pub batch_id: String,
    /// What the project's baseline batch reached on the data set.
    pub baseline: Option<f64>,
    /// Difference to it, in percent of its size.
    pub baseline_pct: Option<f64>,
    /// The best run.
    pub job_id: String,
    /// Its status.
    pub status: String,
    /// Epochs it trained.
    pub train_epochs: Option<i64>,
    /// Seconds it took.
    pub elapsed_s: Option<i64>,
    /// Its numeric metrics.
    pub metrics: Option<BTreeMap<String, f64>>,
}

/// Lists the best runs, sorted by model and data set.
#[utoipa::path(get, path = "/api/projects/{project}/leaderboard", tag = "projects",
    params(("project" = String, Path), ("metric" = Option<String>, Query, description = "default: the project's primary metric, else MSE"),
        ("direction" = Option<String>, Query, description = "auto (default), minimize, maximize")),
    responses((status = 200, body = Vec<LeaderboardRow>), (status = 404, description = "no such project"),
        (status = 422, description = "parameters")))]
pub async fn show_leaderboard(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<Vec<LeaderboardRow>>> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let (metric, direction) = project.metric(&params)?;
    let baseline = Baseline::of(project.baseline(), &metric, direction);
    let rows = leaderboard(project.runs(), &metric, direction);
    let rows = rows.iter().map(|best| LeaderboardRow {
        direction: direction.as_str(),
        ..row(best, &metric, &baseline)
    });
    Ok(Json(rows.collect()))
}

fn row(best: &Best<'_>, metric: &str, baseline: &Baseline) -> LeaderboardRow {
    let run = best.run;
    let numbers = run.job.metrics.as_ref().map(|metrics| {
        let numbers = metrics
            .iter()
            .filter_map(|(name, json)| Some((name.clone(), number(json)?)));
        numbers
            .filter(|(_, n)| n.is_finite())
            .collect::<BTreeMap<String, f64>>()
    });
    let epochs = ["train_epochs", "epochs"];
    let epochs = epochs
        .iter()
        .find_map(|name| numbers.as_ref()?.get(*name).copied());
    let value = best.value.filter(|v| v.is_finite());
    let reference = baseline.value(run.model(), run.dataset());
    LeaderboardRow {
        model: run.model().to_owned(),
        dataset: run.dataset().to_owned(),
        best_metric: value,
        metric_name: best.value.map(|_| metric.to_owned()),
        direction: "",
        baseline: reference,
        baseline_pct: value
            .zip(reference)
            .and_then(|(value, reference)| difference_pct(value, reference)),
        batch_id: run.batch.id.clone(),
        job_id: run.job.id.clone(),
        status: run.job.status.clone(),
        train_epochs: epochs.map(|n| n as i64),
        elapsed_s: run.job.elapsed_s,
        metrics: numbers.filter(|numbers| !numbers.is_empty()),
    }
}
