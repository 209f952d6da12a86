//! `GET /api/jobs/{batch}/{job}/epochs`: the curve of one job.

use crate::epochs::{self, Wish};
use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde_json::Value;
use web::{ApiResult, Params, PathParams, Visitor, visible};

/// Lists the epochs of a job; an unknown job has none.
#[utoipa::path(get, path = "/api/jobs/{batch_id}/{job_id}/epochs", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path),
        ("max_points" = Option<i64>, Query, description = "about this many points, extremes kept"),
        ("metrics" = Option<String>, Query, description = "comma list of extra keys to keep"),
        ("nonfinite" = Option<String>, Query, description = "`null` (default) or `text`")),
    responses((status = 200, body = Vec<Value>), (status = 404, description = "no such batch")))]
pub async fn job_epochs(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<Vec<Value>>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let wish = Wish::read(&params)?;
    Ok(Json(
        epochs::points(
            &services.store,
            &batch.id,
            path.text(1),
            &wish,
            services.clock.now(),
        )
        .await?,
    ))
}
