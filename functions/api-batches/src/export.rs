//! `GET /api/batches/{id}/export.csv`: final metrics of the jobs, a row each.

use axum::extract::State;
use axum::response::Response;
use domain::job::Job;
use domain::metric;
use runtime::Services;
use web::csv::{self, Cell};
use web::{ApiResult, Caller, PathParams, visible};

/// Metrics with a column of their own.
pub const METRICS: [&str; 6] = ["MSE", "MAE", "RMSE", "R2", "PCC", "MAPE"];

/// Epochs a job trained, from its final metrics.
fn epochs(job: &Job) -> Cell {
    let metrics = job.metrics.as_ref();
    let json = metrics.and_then(|m| m.get("epochs").or_else(|| m.get("train_epochs")));
    Cell::json(json.map(String::as_str))
}

/// Downloads the jobs of a batch as a table.
#[utoipa::path(get, path = "/api/batches/{batch_id}/export.csv", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, description = "no such batch")))]
pub async fn export_batch(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Response> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let jobs = visible::jobs(&services, &batch.id).await?;
    let mut header = vec![
        "batch_id",
        "job_id",
        "model",
        "dataset",
        "status",
        "epochs",
        "elapsed_s",
    ];
    header.extend(METRICS);
    let name = format!("{}.csv", batch.id.replace(['/', ' '], "_"));
    let rows = jobs.into_iter().map(move |job| {
        let mut row = vec![
            Cell::text(&batch.id),
            Cell::text(&job.id),
            Cell::optional(job.model.as_deref()),
            Cell::optional(job.dataset.as_deref()),
            Cell::text(&job.status),
            epochs(&job),
            Cell::number(job.elapsed_s),
        ];
        let metrics = job.metrics.unwrap_or_default();
        row.extend(
            METRICS
                .iter()
                .map(|name| match metric::value(&metrics, name) {
                    Some(value) => Cell::float(value),
                    None => Cell::json(metrics.get(*name).map(String::as_str)),
                }),
        );
        row
    });
    Ok(csv::download(&name, &header, rows))
}
