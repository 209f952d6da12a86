//! `DELETE /api/artifacts/{id}`: the file and its row.

use crate::{keep, visible};
use axum::extract::State;
use axum::http::StatusCode;
use runtime::Services;
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed, PathParams};
use wire::Code;

/// Deletes a file for good.
#[utoipa::path(delete, path = "/api/artifacts/{artifact_id}", tag = "artifacts",
    params(("artifact_id" = u64, Path)),
    responses((status = 204, description = "gone"), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such artifact")))]
pub async fn delete_artifact(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let id = path.integer(0, "artifact_id")?;
    let found = visible::owned(&services, &caller, id).await?;
    let artifact = &found.value;
    let batch = artifact.batch_id.as_deref().unwrap_or_default();
    let deed = Deed::new("artifact_deleted", "artifact", id)
        .with("batch_id", batch)
        .with("filename", &artifact.filename);
    let row = deed.row(&services, &caller, &client)?;
    if !services.store.remove_artifact(&found, &row).await? {
        // Settled or deleted in this very moment; whoever asks again sees which.
        let now = services.clock.now();
        return match services.store.artifact(id, now).await? {
            Some(_) => Err(ApiError::new(Code::StorageBusy).retry_after(1)),
            None => Err(ApiError::new(Code::ArtifactNotFound)),
        };
    }
    keep::discard(&services, &found.value.object).await;
    Ok(StatusCode::NO_CONTENT)
}
