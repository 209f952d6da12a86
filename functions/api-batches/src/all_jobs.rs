//! `GET /api/jobs`: jobs of all batches the caller sees, newest start first.

use crate::filter::{Filter, Owners};
use crate::view::JobOut;
use axum::extract::State;
use axum::response::Response;
use domain::batch::Batch;
use domain::job::Job;
use runtime::Services;
use serde::Serialize;
use serde_json::json;
use std::cmp::Reverse;
use store::Versioned;
use store::digests::Jobs;
use utoipa::ToSchema;
use web::page::{decode_cursor, page};
use web::{ApiError, ApiResult, Caller, Params, visible};
use wire::Code;

/// A job with what its batch says about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedJob {
    /// The job.
    pub job: JobOut,
    /// Project.
    pub project: String,
    /// Host.
    pub host: Option<String>,
    /// Name of the batch.
    pub batch_name: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobListOut {
    /// Jobs of this page.
    pub items: Vec<ListedJob>,
    /// Jobs on all pages.
    pub total: usize,
    /// Number of this page, from 1.
    pub page: i64,
    /// Jobs per page.
    pub page_size: usize,
}

/// Order of the list: newest start first, then by address.
type Place<'a> = (Reverse<i64>, &'a str, &'a str);

fn place(job: &Job) -> Place<'_> {
    (Reverse(job.start_time.at.0), &job.id, &job.batch_id)
}

/// Lists jobs. The header `x-next-cursor` leads to the next page whatever starts in between.
#[utoipa::path(get, path = "/api/jobs", tag = "jobs",
    params(("status" = Option<String>, Query), ("project" = Option<String>, Query),
        ("host" = Option<String>, Query), ("batch_id" = Option<String>, Query),
        ("owner" = Option<String>, Query), ("user" = Option<String>, Query),
        ("tags" = Option<String>, Query, description = "comma list; batch or job must have each"),
        ("text" = Option<String>, Query), ("q" = Option<String>, Query, description = "query"),
        ("since" = Option<String>, Query, description = "instant, date, or span such as 7d"),
        ("until" = Option<String>, Query), ("page" = Option<i64>, Query),
        ("page_size" = Option<i64>, Query, description = "1..200, default 50"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = JobListOut), (status = 422, description = "parameters")))]
pub async fn list_all_jobs(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Response> {
    let filter = Filter::read(&params, services.clock.now())?;
    let number = params.integer("page", 1, 1..=1_000_000)?;
    let size = params.integer("page_size", 50, 1..=200)? as usize;
    let cursor = decode_cursor(params.text("cursor"))?;
    let batches = match params.text("batch_id").filter(|id| !id.is_empty()) {
        Some(id) => visible::found_batch(&services, &caller, id)
            .await?
            .into_iter()
            .collect(),
        None => visible::batches(&services, &caller, filter.project.as_deref(), None).await?,
    };
    let mut owners = Owners::default();
    let mut admitted: Vec<(Versioned<Batch>, Option<String>)> = Vec::new();
    for batch in batches {
        let owner = owners
            .of(&services, &filter, &batch.value)
            .await?
            .map(str::to_owned);
        if filter.admits_batch(&batch.value, owner.as_deref()) {
            admitted.push((batch, owner));
        }
    }
    let (batches, names): (Vec<_>, Vec<_>) = admitted.into_iter().unzip();
    let jobs: Vec<Jobs> = services.store.live_jobs(&batches).await?;
    let mut listed: Vec<(&Job, &Batch)> = Vec::new();
    for ((batch, owner), jobs) in batches.iter().zip(&names).zip(&jobs) {
        let of_batch = jobs.iter().map(|job| (job, &batch.value));
        listed.extend(of_batch.filter(|(job, b)| filter.lists_job(b, job, owner.as_deref())));
    }
    listed.sort_unstable_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
    let total = listed.len();
    let from = match &cursor {
        None => size.saturating_mul(number as usize - 1).min(total),
        Some(cursor) => {
            let (start, job, batch): (i64, String, String) =
                serde_json::from_str(cursor).map_err(|_| ApiError::new(Code::CursorInvalid))?;
            let after = (Reverse(start), job.as_str(), batch.as_str());
            listed.partition_point(|(job, _)| place(job) <= after)
        }
    };
    let rows = &listed[from..(from + size).min(total)];
    let next = rows
        .last()
        .filter(|_| from + size < total)
        .map(|(job, _)| json!([job.start_time.at.0, job.id, job.batch_id]).to_string());
    let items = rows.iter().map(|(job, batch)| ListedJob {
        job: JobOut::from((*job).clone()),
        project: batch.project.clone(),
        host: batch.host.clone(),
        batch_name: batch.name.clone(),
    });
    let out = JobListOut {
        items: items.collect(),
        total,
        page: number,
        page_size: size,
    };
    Ok(page(out, next.as_deref()))
}
