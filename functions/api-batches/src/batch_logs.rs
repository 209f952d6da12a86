//! `GET /api/batches/{id}/log-lines`: the log of a batch.

use crate::logs::{self, Of, Wish};
use axum::extract::State;
use axum::response::Response;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::page::page;
use web::{ApiResult, Params, PathParams, Visitor, visible};

/// A line of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLineOut {
    /// Row id, ascending with arrival.
    pub id: u64,
    /// Client's time.
    pub ts: String,
    /// Job.
    pub job_id: Option<String>,
    /// Level.
    pub level: String,
    /// Text.
    pub line: String,
}

/// Lists log lines, newest first or, with `order=asc`, oldest first. The header `x-next-cursor` leads
/// on in that direction.
#[utoipa::path(get, path = "/api/batches/{batch_id}/log-lines", tag = "batches",
    params(("batch_id" = String, Path), ("limit" = Option<i64>, Query, description = "1..2000, default 200"),
        ("job_id" = Option<String>, Query), ("level" = Option<String>, Query, description = "comma list"),
        ("text" = Option<String>, Query, description = "only lines holding this"),
        ("order" = Option<String>, Query, description = "desc, asc"),
        ("since" = Option<i64>, Query, description = "only rows above this id"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<LogLineOut>), (status = 404, description = "no such batch")))]
pub async fn batch_log_lines(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    lines_of(&services, &batch.id, &params).await
}

/// A page of a batch's lines, as `params` ask for them.
pub async fn lines_of(services: &Services, batch: &str, params: &Params) -> ApiResult<Response> {
    let limit = params.integer("limit", 200, 1..=2000)? as usize;
    let wish = Wish::read(params)?;
    let of = match params.text("job_id") {
        Some(job) => Of::Job(batch, job),
        None => Of::Batch(batch),
    };
    let (mut lines, next) =
        logs::find(&services.store, of, &wish, limit, services.clock.now()).await?;
    // Pages go by arrival; inside a page people read by the scripts' clocks.
    lines.sort_by_cached_key(|l| (Timestamp::parse(&l.ts), l.id));
    if !wish.ascending {
        lines.reverse();
    }
    let rows: Vec<LogLineOut> = lines
        .into_iter()
        .map(|l| LogLineOut {
            id: l.id,
            ts: l.ts,
            job_id: l.job_id,
            level: l.level,
            line: l.line,
        })
        .collect();
    Ok(page(rows, next.map(|id| id.to_string()).as_deref()))
}
