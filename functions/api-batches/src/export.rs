//! `GET /api/batches/{id}/export.csv`: final metrics of the jobs, a row each.

use axum::extract::State;
use axum::response::Response;
use runtime::Services;
use web::csv::{self, Cell, METRICS};
use web::{ApiResult, PathParams, Visitor, visible};

/// Downloads the jobs of a batch as a table.
#[utoipa::path(get, path = "/api/batches/{batch_id}/export.csv", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, description = "no such batch")))]
pub async fn export_batch(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Response> {
    let (batch, jobs) = visible::batch_with_jobs(&services, &caller, path.text(0)).await?;
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
    let rows = (0..jobs.len()).map(move |i| {
        let job = &jobs[i];
        let mut row = vec![
            Cell::text(&batch.id),
            Cell::text(&job.id),
            Cell::optional(job.model.as_deref()),
            Cell::optional(job.dataset.as_deref()),
            Cell::text(&job.status),
            Cell::epochs(job),
            Cell::number(job.elapsed_s),
        ];
        row.extend(Cell::metrics(job));
        row
    });
    Ok(csv::download(&name, &header, rows))
}
