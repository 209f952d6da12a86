//! `GET /api/jobs/{batch}/{job}/metrics`: which metrics a job reports.

use crate::epochs;
use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, PathParams, Visitor, visible};
use wire::Code;

/// Names of a job's metrics.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricKeysOut {
    /// Reported per epoch, sorted.
    pub epochs: Vec<String>,
    /// Reported at the end, sorted.
    pub finals: Vec<String>,
}

/// Lists the metrics of a job.
#[utoipa::path(get, path = "/api/jobs/{batch_id}/{job_id}/metrics", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = MetricKeysOut), (status = 404, description = "no such job")))]
pub async fn metric_keys(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<MetricKeysOut>> {
    let job = visible::job(&services, &caller, path.text(0), path.text(1)).await?;
    let job = job.ok_or_else(|| ApiError::new(Code::JobNotFound))?;
    let epochs = epochs::keys(
        &services.store,
        &job.batch_id,
        &job.id,
        services.clock.now(),
    )
    .await?;
    let finals = job.metrics.unwrap_or_default().into_keys().collect();
    Ok(Json(MetricKeysOut { epochs, finals }))
}
