//! `GET /api/projects/{project}/matrix`: models by data sets.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use domain::leaderboard::{Baseline, Cell, Matrix, matrix};
use domain::project::difference_pct;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, Params, PathParams, Visitor};

/// The best row of a column.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatrixMark {
    /// Row number.
    pub row: usize,
    /// Its lead is larger than the spread over repeated runs.
    pub solid: bool,
}

/// Models by data sets.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatrixOut {
    /// Project.
    pub project: String,
    /// Metric.
    pub metric: String,
    /// Which way it gets better.
    pub direction: &'static str,
    /// Models.
    pub rows: Vec<String>,
    /// Data sets.
    pub cols: Vec<String>,
    /// Best value per row and column.
    pub values: Vec<Vec<Option<f64>>>,
    /// Batch of the best value.
    pub batch_ids: Vec<Vec<Option<String>>>,
    /// Mean over repeated runs.
    pub means: Vec<Vec<Option<f64>>>,
    /// Standard deviation over repeated runs.
    pub spreads: Vec<Vec<Option<f64>>>,
    /// Runs per cell.
    pub runs: Vec<Vec<usize>>,
    /// Difference of the mean to the project's baseline batch, in percent of its size.
    pub baseline_pct: Vec<Vec<Option<f64>>>,
    /// Best row per column, by mean.
    pub marks: Vec<Option<MatrixMark>>,
}

/// Shows the matrix of a metric.
#[utoipa::path(get, path = "/api/projects/{project}/matrix", tag = "projects",
    params(("project" = String, Path), ("metric" = Option<String>, Query, description = "default: the project's primary metric, else MSE"),
        ("direction" = Option<String>, Query, description = "auto (default), minimize, maximize")),
    responses((status = 200, body = MatrixOut), (status = 404, description = "no such project"),
        (status = 422, description = "parameters")))]
pub async fn show_matrix(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<MatrixOut>> {
    let project = Project::load(&services, &caller, path.text(0)).await?;
    let (metric, direction) = project.metric(&params)?;
    let baseline = Baseline::of(project.baseline(), &metric, direction);
    let table = matrix(project.runs(), &metric, direction);
    let cells = &table.cells;
    Ok(Json(MatrixOut {
        values: each(cells, |cell| cell.map(|c| c.best)),
        batch_ids: each(cells, |cell| cell.map(|c| c.batch_id.clone())),
        means: each(cells, |cell| cell.map(|c| c.mean)),
        spreads: each(cells, |cell| cell.and_then(|c| c.spread)),
        runs: each(cells, |cell| cell.map_or(0, |c| c.runs)),
        baseline_pct: differences(&table, &baseline),
        marks: table
            .marks
            .iter()
            .map(|mark| mark.map(|(row, solid)| MatrixMark { row, solid }))
            .collect(),
        project: project.name.clone(),
        metric,
        direction: direction.as_str(),
        rows: table.rows,
        cols: table.cols,
    }))
}

fn differences(table: &Matrix, baseline: &Baseline) -> Vec<Vec<Option<f64>>> {
    let cell = |row: &str, col: &str, cell: &Option<Cell>| {
        difference_pct(cell.as_ref()?.mean, baseline.value(row, col)?)
    };
    let rows = table.rows.iter().zip(&table.cells);
    rows.map(|(row, cells)| {
        let cols = table.cols.iter().zip(cells);
        cols.map(|(col, found)| cell(row, col, found)).collect()
    })
    .collect()
}

fn each<T>(cells: &[Vec<Option<Cell>>], of: impl Fn(Option<&Cell>) -> T) -> Vec<Vec<T>> {
    cells
        .iter()
        .map(|row| row.iter().map(|cell| of(cell.as_ref())).collect())
        .collect()
}
