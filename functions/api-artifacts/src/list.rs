//! `GET …/artifacts`: what a job or batch has, oldest first.

use crate::view::ArtifactOut;
use crate::visible;
use axum::Json;
use axum::extract::State;
use domain::artifact::Artifact;
use runtime::{Identity, Services};
use web::{ApiError, ApiResult, Params, PathParams, Visitor};
use wire::Code;

/// Lists the files of a job. Without `batch_id` the newest batch with that job is meant, a
/// running one first.
#[utoipa::path(get, path = "/api/jobs/{job_id}/artifacts", tag = "artifacts",
    params(("job_id" = String, Path), ("batch_id" = Option<String>, Query)),
    responses((status = 200, body = Vec<ArtifactOut>), (status = 404, description = "no such job")))]
pub async fn list_job_artifacts(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    query: Params,
) -> ApiResult<Json<Vec<ArtifactOut>>> {
    let job = path.text(0);
    let named = query.text("batch_id").filter(|id| !id.is_empty());
    let batch = match named {
        Some(id) => visible::batch(&services, &caller, id).await?,
        None => visible::batch_with_job(&services, caller.known()?, job).await?,
    };
    let found = match &batch {
        Some(batch) => in_batch(&services, &batch.id, Some(job)).await?,
        None => waiting(&services, caller.known()?, named, Some(job)).await?,
    };
    // A job may have files before it is known, so only an empty list needs a second look.
    let known = match &batch {
        Some(batch) if found.is_empty() => services.store.job(&batch.id, job).await?.is_some(),
        _ => !found.is_empty(),
    };
    if known {
        Ok(Json(found.into_iter().map(ArtifactOut::from).collect()))
    } else {
        Err(ApiError::new(Code::JobNotFound))
    }
}

/// Lists the files of a batch: its own and those of all its jobs.
#[utoipa::path(get, path = "/api/batches/{batch_id}/artifacts", tag = "artifacts",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = Vec<ArtifactOut>), (status = 404, description = "no such batch")))]
pub async fn list_batch_artifacts(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<Vec<ArtifactOut>>> {
    let id = path.text(0);
    let found = match visible::batch(&services, &caller, id).await? {
        Some(batch) => in_batch(&services, &batch.id, None).await?,
        None => {
            let found = waiting(&services, caller.known()?, Some(id), None).await?;
            if found.is_empty() {
                return Err(ApiError::new(Code::BatchNotFound));
            }
            found
        }
    };
    Ok(Json(found.into_iter().map(ArtifactOut::from).collect()))
}

async fn in_batch(services: &Services, batch: &str, job: Option<&str>) -> ApiResult<Vec<Artifact>> {
    let now = services.clock.now();
    services.store.settle_parked(batch, now).await?;
    Ok(services.store.artifacts_of(batch, job).await?)
}

/// The caller's own uploads for a batch or job that is not known yet.
async fn waiting(
    services: &Services,
    who: &Identity,
    batch: Option<&str>,
    job: Option<&str>,
) -> ApiResult<Vec<Artifact>> {
    let now = services.clock.now();
    let mut parked = services.store.parked_artifacts(who.user.id, now).await?;
    parked.retain(|artifact| {
        let of_job = job.is_none() || artifact.job_id.as_deref() == job;
        of_job && (batch.is_none() || artifact.batch_id.as_deref() == batch)
    });
    Ok(parked)
}
