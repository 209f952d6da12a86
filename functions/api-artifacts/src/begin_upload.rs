//! `POST /api/batches/{id}/artifacts/uploads`: a ticket to send a large file to the bucket.

use crate::{form, keep, place};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::artifact::{Artifact, media_type};
use domain::limits::{ARTIFACT_TEXT_BYTES, PRESIGNED_BYTES, UPLOAD_TTL_SECS, UPLOAD_URL_SECS};
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Invalid, PathParams, RunCaller};
use wire::Code;

/// A file to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginUpload {
    /// Name of the file.
    pub filename: String,
    /// Its bytes.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Job; absent: the batch as a whole.
    pub job_id: Option<String>,
    /// Caption.
    pub label: Option<String>,
    /// The client's own facts, a JSON object.
    #[schema(value_type = Option<Object>)]
    pub meta: Option<Value>,
}

/// What to send, where.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadTicket {
    /// Id of the artifact, to be finished after the upload.
    pub id: u64,
    /// Always `PUT`.
    pub method: &'static str,
    /// Address; whoever has it may upload this one file while it works.
    pub url: String,
    /// Headers that must be sent with it.
    pub headers: BTreeMap<String, String>,
    /// Until when the address works.
    pub expires_at: String,
}

/// Announces a file too large to send directly. Upload it to the address of the answer, then
/// finish the upload; until then nobody sees it.
#[utoipa::path(post, path = "/api/batches/{batch_id}/artifacts/uploads", tag = "artifacts",
    params(("batch_id" = String, Path)), request_body = BeginUpload,
    responses((status = 201, body = UploadTicket), (status = 403, description = "somebody else's batch"),
        (status = 404, description = "deleted batch"), (status = 413, description = "too large, or over quota"),
        (status = 422, description = "invalid body")))]
pub async fn begin_upload(
    State(services): State<Services>,
    RunCaller(caller): RunCaller,
    path: PathParams,
    Body(wish): Body<BeginUpload>,
) -> ApiResult<(StatusCode, Json<UploadTicket>)> {
    let job = wish.job_id.as_deref();
    let place = place::of_upload(&services, &caller, Some(path.text(0)), job).await?;
    check(&wish)?;
    let most = PRESIGNED_BYTES.min(services.settings().await?.artifact_job_bytes);
    if wish.size_bytes > most {
        return Err(ApiError::with(Code::ArtifactTooLarge, [most]));
    }
    keep::check_room(&services, &place, wish.size_bytes).await?;
    let meta = wish.meta.filter(|meta| !meta.is_null());
    let meta = meta.map_or(Ok(None), |meta| form::json_object(&meta.to_string()))?;
    let now = services.clock.now();
    let (id, object) = keep::fresh(&services);
    let artifact = Artifact {
        id,
        uploader: caller.user().id,
        batch_id: place.batch_id,
        job_id: place.job_id,
        parked: place.parked,
        pending: true,
        mime: media_type(&wish.filename, None),
        filename: wish.filename,
        object,
        size_bytes: wish.size_bytes,
        sha256: wish.sha256.to_ascii_lowercase(),
        label: wish.label.filter(|label| !label.is_empty()),
        meta,
        created_at: now,
        expires_at: Some(now.plus_secs(UPLOAD_TTL_SECS)),
    };
    let blobs = &services.store.blobs;
    let (size, digest) = (artifact.size_bytes, Some(artifact.sha256.as_str()));
    let put = blobs.presign_put(&artifact.object, size, digest, UPLOAD_URL_SECS);
    let put = put.await?;
    services.store.announce_artifact(&artifact).await?;
    let lasts = i64::try_from(UPLOAD_URL_SECS).unwrap_or(0);
    let ticket = UploadTicket {
        id: artifact.id,
        method: "PUT",
        url: put.url,
        headers: put.headers.into_iter().collect(),
        expires_at: now.plus_secs(lasts).to_text(),
    };
    Ok((StatusCode::CREATED, Json(ticket)))
}

fn check(wish: &BeginUpload) -> ApiResult<()> {
    let mut problems = Vec::new();
    let texts = [
        ("filename", Some(&wish.filename)),
        ("label", wish.label.as_ref()),
    ];
    for (name, text) in texts {
        if text.is_some_and(|text| text.len() > ARTIFACT_TEXT_BYTES) {
            let msg = format!("String should have at most {ARTIFACT_TEXT_BYTES} bytes");
            let loc = ["body", name];
            problems.push(Invalid::at(&loc, "string_too_long", msg, Value::Null));
        }
    }
    if wish.filename.is_empty() {
        let msg = "String should have at least 1 character";
        problems.push(Invalid::at(
            &["body", "filename"],
            "string_too_short",
            msg,
            json!(""),
        ));
    }
    let digits = wish.sha256.bytes().all(|b| b.is_ascii_hexdigit());
    if wish.sha256.len() != 64 || !digits {
        let msg = "String should be 64 hexadecimal digits";
        let input = json!(wish.sha256);
        problems.push(Invalid::at(
            &["body", "sha256"],
            "string_pattern_mismatch",
            msg,
            input,
        ));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(ApiError::invalid(&problems)),
    }
}
