//! `POST …/artifacts`: a file in a multipart form, as the public reporter sends it.

use crate::form::{self, Memory};
use crate::keep;
use crate::place::{self, Place};
use crate::view::ArtifactOut;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::artifact::{Artifact, media_type};
use runtime::Services;
use std::sync::Arc;
use utoipa::ToSchema;
use web::{ApiResult, Caller, Params, PathParams, RunCaller};

/// The form of an upload. Other fields are ignored.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct UploadForm {
    /// The file, with a file name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Caption.
    label: Option<String>,
    /// A JSON object as text.
    meta: Option<String>,
}

/// Adds a file to a job. Without `batch_id` the caller's newest batch with that job is meant, a
/// running one first. A file for a job nobody knows yet waits for it.
#[utoipa::path(post, path = "/api/jobs/{job_id}/artifacts", tag = "artifacts",
    params(("job_id" = String, Path), ("batch_id" = Option<String>, Query)),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = ArtifactOut), (status = 400, description = "malformed form, or meta is no object"),
        (status = 403, description = "somebody else's batch"), (status = 404, description = "deleted batch"),
        (status = 413, description = "file too large, or the job's quota is used up"),
        (status = 422, description = "no file in the form")))]
pub async fn upload_to_job(
    State(services): State<Services>,
    RunCaller(caller): RunCaller,
    path: PathParams,
    query: Params,
    memory: Extension<Arc<Memory>>,
    request: Request,
) -> ApiResult<(StatusCode, Json<ArtifactOut>)> {
    let batch = query.text("batch_id").filter(|id| !id.is_empty());
    let place = place::of_upload(&services, &caller, batch, Some(path.text(0))).await?;
    store(&services, &caller, place, &memory, request).await
}

/// Adds a file to a batch as a whole.
#[utoipa::path(post, path = "/api/batches/{batch_id}/artifacts", tag = "artifacts",
    params(("batch_id" = String, Path)),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = ArtifactOut), (status = 400, description = "malformed form, or meta is no object"),
        (status = 403, description = "somebody else's batch"), (status = 404, description = "deleted batch"),
        (status = 413, description = "file too large, or the batch's quota is used up"),
        (status = 422, description = "no file in the form")))]
pub async fn upload_to_batch(
    State(services): State<Services>,
    RunCaller(caller): RunCaller,
    path: PathParams,
    memory: Extension<Arc<Memory>>,
    request: Request,
) -> ApiResult<(StatusCode, Json<ArtifactOut>)> {
    let place = place::of_upload(&services, &caller, Some(path.text(0)), None).await?;
    store(&services, &caller, place, &memory, request).await
}

async fn store(
    services: &Services,
    caller: &Caller,
    place: Place,
    memory: &Memory,
    request: Request,
) -> ApiResult<(StatusCode, Json<ArtifactOut>)> {
    let most = services.settings().await?.artifact_file_bytes;
    let form = form::read(request, memory, most).await?;
    let size = form.bytes.len() as u64;
    keep::check_room(services, &place, size).await?;
    let (id, object) = keep::fresh(services);
    let artifact = Artifact {
        id,
        uploader: caller.user().id,
        batch_id: None,
        job_id: None,
        parked: false,
        pending: false,
        mime: media_type(&form.filename, form.said_type.as_deref()),
        filename: form.filename,
        object,
        size_bytes: size,
        sha256: form.sha256,
        label: form.label,
        meta: form.meta,
        created_at: services.clock.now(),
        expires_at: None,
    };
    // Bytes first: a row without bytes would be a lie, bytes without a row only waste.
    let blobs = &services.store.blobs;
    let sent = blobs.put(&artifact.object, form.bytes.clone(), &artifact.sha256);
    sent.await?;
    let kept = keep::keep(services, artifact, place, None).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}
