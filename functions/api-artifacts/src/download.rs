//! `GET /api/artifacts/{id}`: the bytes, never as something a browser would run.

use crate::bytes_range::{self, Asked};
use crate::visible;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::artifact::{Artifact, may_preview, safe_filename};
use domain::limits::DOWNLOAD_URL_SECS;
use runtime::Services;
use std::time::{Duration, UNIX_EPOCH};
use web::{ApiError, ApiResult, Params, PathParams, Visitor};
use wire::Code;

/// No scripts, no forms, no origin, nothing loaded: whatever the file is.
const POLICY: &str = "sandbox; default-src 'none'";

/// Downloads a file. With `inline=1` images, PDF and plain text may be shown in place; everything
/// else is always an attachment. Large files may be answered by a redirect to the bucket.
#[utoipa::path(get, path = "/api/artifacts/{artifact_id}", tag = "artifacts",
    params(("artifact_id" = u64, Path), ("inline" = Option<bool>, Query)),
    responses((status = 200, description = "the bytes, of the type they were uploaded with", content_type = "*/*", body = [u8]),
        (status = 206, description = "the bytes asked for", content_type = "*/*", body = [u8]),
        (status = 304, description = "unchanged"), (status = 307, description = "at this address of the bucket"),
        (status = 404, description = "no such artifact"), (status = 416, description = "no such bytes")))]
pub async fn download_artifact(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
    query: Params,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let id = path.integer(0, "artifact_id")?;
    let inline = query.flag("inline", false)?;
    let artifact = visible::artifact(&services, &caller, id).await?;
    let etag = format!("\"{}\"", artifact.sha256);
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let same = |tags: &str| tags.split(',').any(|tag| tag.trim() == etag);
    if text(header::IF_NONE_MATCH).is_some_and(same) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let disposition = disposition(&artifact, inline);
    let limit = services.config.artifact_redirect_bytes;
    if limit.is_some_and(|limit| artifact.size_bytes > limit) {
        let mime = bucket_type(&artifact);
        let blobs = &services.store.blobs;
        let get = blobs.presign_get(&artifact.object, &disposition, mime, DOWNLOAD_URL_SECS);
        let location = [(header::LOCATION, get.await?.url)];
        return Ok((StatusCode::TEMPORARY_REDIRECT, location).into_response());
    }
    // A range of an older version is no use; there is none, but clients cannot know that.
    let current = text(header::IF_RANGE).is_none_or(same);
    let range = text(header::RANGE).filter(|_| current);
    let asked = bytes_range::read(range, artifact.size_bytes);
    let mut response = body(&services, &artifact, &asked).await?;
    let facts = [
        (header::ETAG, etag),
        (header::CONTENT_TYPE, content_type(&artifact.mime)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::LAST_MODIFIED, last_modified(&artifact)),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if response.status().is_success() {
        for (name, value) in facts {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}

async fn body(services: &Services, artifact: &Artifact, asked: &Asked) -> ApiResult<Response> {
    let size = artifact.size_bytes;
    let (status, part) = match asked {
        Asked::Outside => {
            let refusal = ApiError::with(Code::RangeUnsatisfiable, [size]);
            let total = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((total, refusal).into_response());
        }
        Asked::Whole => (StatusCode::OK, None),
        Asked::Part(part) => (StatusCode::PARTIAL_CONTENT, Some(part.clone())),
    };
    let stream = services.store.blobs.stream(&artifact.object, part.clone());
    let stream = stream.await?;
    let stream = stream.ok_or_else(|| ApiError::new(Code::ArtifactNotFound))?;
    let length = part.as_ref().map_or(size, |part| part.end - part.start);
    let length = [(header::CONTENT_LENGTH, length.to_string())];
    let range = part.map(|part| {
        let described = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        [(header::CONTENT_RANGE, described)]
    });
    let mut response = (status, length, Body::from_stream(stream)).into_response();
    for (name, value) in range.into_iter().flatten() {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// How a browser shall take it, under a name without surprises.
pub fn disposition(artifact: &Artifact, inline: bool) -> String {
    let how = match inline && may_preview(&artifact.mime) {
        true => "inline",
        false => "attachment",
    };
    format!("{how}; filename=\"{}\"", safe_filename(&artifact.filename))
}

/// The type under which the bucket hands it out. The bucket adds no policy of ours, so what could
/// carry a script has no type of its own there.
pub fn bucket_type(artifact: &Artifact) -> &str {
    match may_preview(&artifact.mime) {
        true => &artifact.mime,
        false => domain::artifact::UNKNOWN_TYPE,
    }
}

fn content_type(mime: &str) -> String {
    match mime.starts_with("text/") {
        true => format!("{mime}; charset=utf-8"),
        false => mime.to_owned(),
    }
}

fn last_modified(artifact: &Artifact) -> String {
    let secs = u64::try_from(artifact.created_at.secs()).unwrap_or(0);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(secs))
}
