//! Turning verified bytes into a row, in the place the upload belongs to.

use crate::place::Place;
use domain::artifact::Artifact;
use domain::limits::{ARTIFACTS_PARKED, ARTIFACTS_PER_JOB, PARKED_TTL_SECS};
use runtime::{Services, entropy};
use store::artifacts::{Kept, Usage};
use web::{ApiError, ApiResult};
use wire::Code;

/// A fresh id and the key of its object, which says nothing of user, batch or file name.
pub fn fresh(services: &Services) -> (u64, String) {
    let id = services.store.row_ids.take(services.clock.now(), 1);
    let secret = hex::encode(entropy::bytes::<16>());
    (id, store::artifacts::object_key(id, &secret))
}

/// What the artifacts at a place may be together.
pub async fn quota(services: &Services, parked: bool) -> ApiResult<Usage> {
    Ok(Usage {
        count: match parked {
            true => ARTIFACTS_PARKED as u64,
            false => ARTIFACTS_PER_JOB,
        },
        bytes: services.settings().await?.artifact_job_bytes,
    })
}

/// The refusal of a file the quota has no room for.
pub fn over_quota(quota: Usage) -> ApiError {
    ApiError::with(Code::ArtifactQuota, [quota.bytes, quota.count])
}

/// Refuses early what the quota has no room for; the row's own transaction has the last word.
pub async fn check_room(services: &Services, place: &Place, size: u64) -> ApiResult<()> {
    let Some(batch) = place.batch_id.as_deref().filter(|_| !place.parked) else {
        return Ok(());
    };
    let job = place.job_id.as_deref().unwrap_or_default();
    let usage = services.store.artifact_usage(batch, job).await?;
    let quota = quota(services, false).await?;
    match usage.has_room(size, quota) {
        true => Ok(()),
        false => Err(over_quota(quota)),
    }
}

/// Stores the row of an artifact whose object is complete. `rev`: the row it had as an announced
/// one. An object that gets no row is deleted again.
pub async fn keep(
    services: &Services,
    mut artifact: Artifact,
    place: Place,
    rev: Option<u64>,
) -> ApiResult<Artifact> {
    let now = services.clock.now();
    let store = &services.store;
    artifact.pending = false;
    artifact.batch_id = place.batch_id;
    artifact.job_id = place.job_id;
    artifact.parked = place.parked;
    artifact.expires_at = place.parked.then(|| now.plus_secs(PARKED_TTL_SECS));
    let object = artifact.object.clone();
    let quota = quota(services, place.parked).await?;
    let kept = match place.parked {
        true => store.park_artifact(artifact, rev, quota, now).await,
        false => store.add_artifact(artifact, rev, quota).await,
    };
    let refusal = match kept {
        Ok(Kept::Done(artifact)) => return Ok(*artifact),
        Ok(Kept::OverQuota) => over_quota(quota),
        // The ticket's object stays: finishing may be tried again.
        Err(error) if rev.is_some() => return Err(error.into()),
        Err(error) => error.into(),
    };
    discard(services, &object).await;
    Err(refusal)
}

/// Deletes an object nothing points at; one that stays is found by retention.
pub async fn discard(services: &Services, object: &str) {
    if let Err(error) = services.store.blobs.delete(object).await {
        tracing::warn!(object, cause = %error, "an unused object could not be deleted");
    }
}
