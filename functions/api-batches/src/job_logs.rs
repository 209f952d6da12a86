//! `GET /api/jobs/{batch}/{job}/log-lines`: the log of one job.

use crate::logs::{self, Of, Wish};
use axum::extract::State;
use axum::response::Response;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::page::page;
use web::{ApiResult, Params, PathParams, Visitor, visible};

/// A line of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobLogLineOut {
    /// Row id, ascending with arrival.
    pub id: u64,
    /// Client's event id.
    pub event_id: Option<String>,
    /// Client's time.
    pub ts: String,
    /// Job.
    pub job_id: Option<String>,
    /// Level.
    pub level: String,
    /// Text.
    pub line: String,
}

/// Lists log lines of a job, newest row first or, with `order=asc`, oldest first. The header
/// `x-next-cursor` leads on in that direction.
#[utoipa::path(get, path = "/api/jobs/{batch_id}/{job_id}/log-lines", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path),
        ("limit" = Option<i64>, Query, description = "1..2000, default 200"),
        ("since" = Option<i64>, Query, description = "only rows above this id"),
        ("order" = Option<String>, Query, description = "desc, asc"),
        ("level" = Option<String>, Query, description = "comma list"),
        ("text" = Option<String>, Query, description = "only lines holding this"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<JobLogLineOut>), (status = 404, description = "no such batch")))]
pub async fn job_log_lines(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let limit = params.integer("limit", 200, 1..=2000)? as usize;
    let wish = Wish::read(&params)?;
    let of = Of::Job(&batch.id, path.text(1));
    let (lines, next) = logs::find(&services.store, of, &wish, limit, services.clock.now()).await?;
    let rows: Vec<JobLogLineOut> = lines
        .into_iter()
        .map(|l| JobLogLineOut {
            id: l.id,
            event_id: l.event_id,
            ts: l.ts,
            job_id: l.job_id,
            level: l.level,
            line: l.line,
        })
        .collect();
    Ok(page(rows, next.map(|id| id.to_string()).as_deref()))
}
