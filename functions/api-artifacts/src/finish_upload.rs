//! `POST /api/artifacts/{id}/complete`: what was uploaded is what was announced.

use crate::view::ArtifactOut;
use crate::{keep, place, visible};
use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::{ApiError, ApiResult, PathParams, RunCaller};
use wire::Code;

/// Finishes an upload: checks size and SHA-256, then makes the file visible. Repeating it changes
/// nothing; after a refusal the file may be uploaded again while its address works.
#[utoipa::path(post, path = "/api/artifacts/{artifact_id}/complete", tag = "artifacts",
    params(("artifact_id" = u64, Path)),
    responses((status = 200, body = ArtifactOut), (status = 404, description = "no such artifact"),
        (status = 409, description = "nothing uploaded, or something else"), (status = 413, description = "over quota")))]
pub async fn finish_upload(
    State(services): State<Services>,
    RunCaller(caller): RunCaller,
    path: PathParams,
) -> ApiResult<Json<ArtifactOut>> {
    let id = path.integer(0, "artifact_id")?;
    let found = visible::announced(&services, &caller, id).await?;
    let artifact = found.value;
    if !artifact.pending {
        return Ok(Json(artifact.into()));
    }
    let uploaded = services.store.blobs.head(&artifact.object).await?;
    let uploaded = uploaded.ok_or_else(|| ApiError::new(Code::UploadMissing))?;
    let differs = |what: &str| Err(ApiError::with(Code::UploadDiffers, [what]));
    if uploaded.size != artifact.size_bytes {
        return differs("size_bytes");
    }
    if uploaded.sha256.as_deref() != Some(artifact.sha256.as_str()) {
        return differs("sha256");
    }
    let (batch, job) = (artifact.batch_id.clone(), artifact.job_id.clone());
    let place = place::of_upload(&services, &caller, batch.as_deref(), job.as_deref()).await?;
    let kept = keep::keep(&services, artifact, place, Some(found.rev)).await?;
    Ok(Json(kept.into()))
}
