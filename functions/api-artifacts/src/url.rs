//! `GET /api/artifacts/{id}/url`: a short-lived address in the bucket.

use crate::{download, visible};
use axum::Json;
use axum::extract::State;
use domain::limits::DOWNLOAD_URL_SECS;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, PathParams, Visitor};

/// An address to download from.
#[derive(Debug, Serialize, ToSchema)]
pub struct DownloadUrl {
    /// Address; whoever has it may download the file while it works.
    pub url: String,
    /// Until when it works.
    pub expires_at: String,
}

/// Makes an address in the bucket from which the file can be downloaded without credentials for a
/// few minutes.
#[utoipa::path(get, path = "/api/artifacts/{artifact_id}/url", tag = "artifacts",
    params(("artifact_id" = u64, Path)),
    responses((status = 200, body = DownloadUrl), (status = 404, description = "no such artifact")))]
pub async fn artifact_url(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<DownloadUrl>> {
    let id = path.integer(0, "artifact_id")?;
    let artifact = visible::artifact(&services, &caller, id).await?;
    let disposition = download::disposition(&artifact, false);
    let mime = download::bucket_type(&artifact);
    let blobs = &services.store.blobs;
    let get = blobs.presign_get(&artifact.object, &disposition, mime, DOWNLOAD_URL_SECS);
    let url = get.await?.url;
    let lasts = i64::try_from(DOWNLOAD_URL_SECS).unwrap_or(0);
    let expires_at = services.clock.now().plus_secs(lasts).to_text();
    Ok(Json(DownloadUrl { url, expires_at }))
}
