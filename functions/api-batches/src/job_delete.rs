//! Deleting jobs, one or many. The batch's counters follow in the same transaction.

use axum::Json;
use axum::extract::State;
use domain::access::Right;
use domain::batch::Batch;
use domain::job::Job;
use domain::status;
use domain::time::Timestamp;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Versioned;
use store::batches::job_write;
use utoipa::ToSchema;
use web::bulk::{self, BulkDeletedOut};
use web::change::{Change, Hand};
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, PathParams};
use wire::Code;

/// Job that is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobDeletedOut {
    /// `deleted`.
    pub status: &'static str,
    /// Batch.
    pub batch_id: String,
    /// Job.
    pub job_id: String,
}

/// Deletes a job that is not at work.
#[utoipa::path(delete, path = "/api/jobs/{batch_id}/{job_id}", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = JobDeletedOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such job"), (status = 409, description = "still at work")))]
pub async fn delete_job(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<JobDeletedOut>> {
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let (batch_id, job_id) = (path.text(0).to_owned(), path.text(1).to_owned());
    delete(&hand, &batch_id, &job_id).await?;
    Ok(Json(JobDeletedOut {
        status: "deleted",
        batch_id,
        job_id,
    }))
}

async fn delete(hand: &Hand<'_>, batch_id: &str, job_id: &str) -> ApiResult<()> {
    hand.change_with(batch_id, Right::Own, Some(job_id), |batch, found, now| {
        let Versioned {
            value: mut job,
            rev,
        } = found.ok_or(ApiError::new(Code::JobNotFound))?;
        if status::job_is_running(&job.status) && batch.status.is_active() {
            return Err(ApiError::with(Code::JobActive, [job.status]));
        }
        take_out(batch, &mut job, now);
        let id = format!("{batch_id}/{job_id}");
        Ok(Some(Change {
            target: ("job", id),
            also: vec![job_write(&job, Some(rev))?],
            ..Change::of_batch(
                batch_id,
                "job_deleted",
                json!({"job_id": job_id}),
                "job_deleted",
            )
        }))
    })
    .await
    .map(|_| ())
}

fn take_out(batch: &mut Batch, job: &mut Job, now: Timestamp) {
    batch.n_done -= i64::from(status::job_is_done(&job.status));
    batch.n_failed -= i64::from(status::job_is_failed(&job.status));
    job.deleted_at = Some(now);
}

/// A job by its address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct JobAddress {
    batch_id: String,
    job_id: String,
}

/// Jobs to delete.
#[derive(Debug, Deserialize, ToSchema)]
pub struct JobsDeleteIn {
    items: Vec<JobAddress>,
}

/// Deletes many jobs; each stands for itself.
#[utoipa::path(post, path = "/api/jobs/bulk-delete", tag = "jobs", request_body = JobsDeleteIn,
    responses((status = 200, body = BulkDeletedOut), (status = 400, description = "empty list"),
        (status = 422, description = "more than 500")))]
pub async fn delete_jobs(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wanted): Body<JobsDeleteIn>,
) -> ApiResult<Json<BulkDeletedOut>> {
    bulk::check("items", wanted.items.len())?;
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let mut out = BulkDeletedOut::default();
    for JobAddress { batch_id, job_id } in wanted.items {
        let outcome = match delete(&hand, &batch_id, &job_id).await {
            Ok(()) => Ok(()),
            Err(error) => Err(skip_reason(&services, &batch_id, &job_id, error).await?),
        };
        out.note(format!("{batch_id}/{job_id}"), outcome);
    }
    Ok(Json(out))
}

async fn skip_reason(
    services: &Services,
    batch_id: &str,
    job_id: &str,
    error: ApiError,
) -> ApiResult<String> {
    let found = services
        .store
        .job(batch_id, job_id)
        .await?
        .map(|found| found.value);
    match (error.code(), found) {
        (Code::BatchNotFound, _) => Ok("batch_not_found".into()),
        (Code::OwnerRequired, _) => Ok("not_owner".into()),
        (Code::JobNotFound, Some(_)) => Ok("already_deleted".into()),
        (Code::JobNotFound, None) => Ok("not_found".into()),
        (Code::JobActive, Some(job)) => Ok(job.status.to_lowercase()),
        _ => Err(error),
    }
}
