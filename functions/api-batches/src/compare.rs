//! Comparing batches side by side, on screen and as a table.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::batch::Batch;
use domain::job::Job;
use domain::metric;
use runtime::Services;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Versioned;
use store::digests::Jobs;
use utoipa::ToSchema;
use web::csv::{self, Cell};
use web::fields::json_of;
use web::{ApiError, ApiResult, Invalid, Params, Viewer, Visitor, visible};
use wire::Code;

/// Batches compared at most.
const MOST: usize = 32;

/// A job of a column.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedJob {
    /// Job.
    pub job_id: String,
    /// Model.
    pub model: Option<String>,
    /// Data set.
    pub dataset: Option<String>,
    /// Status.
    pub status: String,
    /// Seconds it took.
    pub elapsed_s: Option<i64>,
    /// Final metrics.
    pub metrics: Option<Value>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedBatch {
    /// Batch.
    pub batch_id: String,
    /// Name people gave it.
    pub name: Option<String>,
    /// Project.
    pub project: String,
    /// Status.
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
    /// Owner.
    pub owner_id: Option<u64>,
    /// Live jobs, start ascending.
    pub jobs: Vec<ComparedJob>,
    /// Lowest MSE, `{name, value, job_id}`.
    pub best_metric: Option<Value>,
}

/// Batches side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompareOut {
    /// In the order asked for.
    pub batches: Vec<ComparedBatch>,
    /// Names of all final metrics, sorted.
    pub metric_union: Vec<String>,
}

type Columns = Vec<(Versioned<Batch>, Jobs)>;

/// Reads `batches=a,b,c`: trimmed, each once, all visible.
async fn columns(services: &Services, who: &impl Viewer, params: &Params) -> ApiResult<Columns> {
    let list = params.text("batches").ok_or_else(|| {
        let loc = ["query", "batches"];
        Invalid::at(&loc, "missing", "Field required", Value::Null)
    })?;
    let mut ids: Vec<&str> = Vec::new();
    for id in list.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if !(2..=MOST).contains(&ids.len()) && who.viewer().is_some() {
        return Err(ApiError::with(Code::CompareCount, [MOST]));
    }
    let mut batches = Vec::with_capacity(ids.len());
    for id in ids {
        let found = visible::found_batch(services, who, id).await?;
        batches.push(found.ok_or_else(|| ApiError::with(Code::CompareMissing, [id]))?);
    }
    let jobs = services.store.live_jobs(&batches).await?;
    Ok(batches.into_iter().zip(jobs).collect())
}

fn union(columns: &Columns) -> Vec<String> {
    let jobs = columns.iter().flat_map(|(_, jobs)| jobs.iter());
    let names = jobs.flat_map(|job| job.metrics.iter().flatten());
    names
        .map(|(name, _)| name.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Compares 2 to 32 batches.
#[utoipa::path(get, path = "/api/compare", tag = "compare",
    params(("batches" = String, Query, description = "comma list of 2 to 32 batch ids")),
    responses((status = 200, body = CompareOut), (status = 400, description = "fewer or more"),
        (status = 404, description = "one of them is not there"), (status = 422, description = "no list")))]
pub async fn compare(
    State(services): State<Services>,
    caller: Visitor,
    params: Params,
) -> ApiResult<Json<CompareOut>> {
    let columns = columns(&services, &caller, &params).await?;
    let metric_union = union(&columns);
    let batches = columns
        .into_iter()
        .map(|(batch, jobs)| column(batch.value, &jobs));
    Ok(Json(CompareOut {
        batches: batches.collect(),
        metric_union,
    }))
}

fn column(batch: Batch, jobs: &[Job]) -> ComparedBatch {
    let scored = jobs.iter().filter_map(|job| {
        let value = metric::value(job.metrics.as_ref()?, "MSE")?;
        value.is_finite().then_some((value, &job.id))
    });
    let best = scored.min_by(|(a, _), (b, _)| a.total_cmp(b));
    ComparedBatch {
        batch_id: batch.id,
        name: batch.name,
        project: batch.project,
        status: batch.status.as_str(),
        n_total: batch.n_total,
        n_done: batch.n_done,
        n_failed: batch.n_failed,
        start_time: batch.start_time.text,
        end_time: batch.end_time.map(|time| time.text),
        owner_id: batch.owner_id,
        best_metric: best.map(|(value, job)| json!({"name": "MSE", "value": value, "job_id": job})),
        jobs: jobs
            .iter()
            .map(|job| ComparedJob {
                job_id: job.id.clone(),
                model: job.model.clone(),
                dataset: job.dataset.clone(),
                status: job.status.clone(),
                elapsed_s: job.elapsed_s,
                metrics: job
                    .metrics
                    .as_ref()
                    .map(|metrics| Value::Object(json_of(metrics))),
            })
            .collect(),
    }
}

/// Downloads the comparison, a line per job.
#[utoipa::path(get, path = "/api/compare/export.csv", tag = "compare",
    params(("batches" = String, Query, description = "comma list of 2 to 32 batch ids")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, description = "fewer or more"),
        (status = 404, description = "one of them is not there"), (status = 422, description = "no list")))]
pub async fn compare_export(
    State(services): State<Services>,
    caller: Visitor,
    params: Params,
) -> ApiResult<Response> {
    let columns = columns(&services, &caller, &params).await?;
    let metrics = union(&columns);
    let mut header = vec![
        "batch_id",
        "project",
        "job_id",
        "model",
        "dataset",
        "status",
        "elapsed_s",
    ];
    header.extend(metrics.iter().map(String::as_str));
    let mut rows = Vec::new();
    for (batch, jobs) in &columns {
        let mut jobs: Vec<&Job> = jobs.iter().collect();
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        rows.extend(
            jobs.into_iter()
                .map(|job| line(&batch.value, job, &metrics)),
        );
    }
    Ok(csv::download("compare.csv", &header, rows.into_iter()))
}

fn line(batch: &Batch, job: &Job, metrics: &[String]) -> Vec<Cell> {
    let mut line = vec![
        Cell::text(&batch.id),
        Cell::text(&batch.project),
        Cell::text(&job.id),
        Cell::optional(job.model.as_deref()),
        Cell::optional(job.dataset.as_deref()),
        Cell::text(&job.status),
        Cell::number(job.elapsed_s),
    ];
    let of = |name: &String| job.metrics.as_ref().and_then(|all| all.get(name));
    line.extend(
        metrics
            .iter()
            .map(|name| Cell::json(of(name).map(String::as_str))),
    );
    line
}
