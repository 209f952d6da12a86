//! Loading an artifact the caller may see, or answering as if it were not there.

use crate::place::BATCHES_ASKED;
use domain::access::{self, Owned};
use domain::artifact::Artifact;
use domain::batch::Batch;
use runtime::{Identity, Services};
use store::Versioned;
use store::batches::BatchList;
use web::{ApiError, ApiResult};
use wire::Code;

fn missing() -> ApiError {
    ApiError::new(Code::ArtifactNotFound)
}

/// A batch the caller may read.
pub async fn batch(services: &Services, who: &Identity, id: &str) -> ApiResult<Option<Batch>> {
    let found = services.store.batch(id).await?.map(|v| v.value);
    Ok(found.filter(|batch| access::may_read(who.actor(), batch)))
}

/// The batch a job id alone means to a reader: among one's own first, an administrator then
/// looks among all.
pub async fn batch_with_job(
    services: &Services,
    who: &Identity,
    job: &str,
) -> ApiResult<Option<Batch>> {
    let store = &services.store;
    let own = BatchList::Of(who.user.id);
    let found = store.batch_with_job(own, job, BATCHES_ASKED).await?;
    if found.is_some() || !who.user.is_admin {
        return Ok(found);
    }
    Ok(store
        .batch_with_job(BatchList::All, job, BATCHES_ASKED)
        .await?)
}

/// An artifact as stored, after trying to settle it.
async fn load(services: &Services, id: u64) -> ApiResult<Versioned<Artifact>> {
    let now = services.clock.now();
    let found = services.store.artifact(id, now).await?;
    let found = found.ok_or_else(missing)?;
    if !found.value.parked || found.value.pending {
        return Ok(found);
    }
    let job = found.value.job_id.as_deref().unwrap_or_default();
    let batch = match &found.value.batch_id {
        Some(named) => Some(named.clone()),
        None => {
            let own = BatchList::Of(found.value.uploader);
            let found = services.store.batch_with_job(own, job, BATCHES_ASKED);
            found.await?.map(|batch| batch.id)
        }
    };
    let settled = match batch {
        Some(batch) => services.store.settle_parked(&batch, now).await?,
        None => 0,
    };
    if settled == 0 {
        return Ok(found);
    }
    let found = services.store.artifact(id, now).await?;
    found.ok_or_else(missing)
}

fn is_uploader(who: &Identity, artifact: &Artifact) -> bool {
    who.user.is_admin || artifact.uploader == who.user.id
}

/// An artifact the caller may read.
pub async fn artifact(services: &Services, who: &Identity, id: u64) -> ApiResult<Artifact> {
    let found = load(services, id).await?.value;
    let seen = match &found.batch_id {
        _ if found.pending => false,
        Some(id) if !found.parked => batch(services, who, id).await?.is_some(),
        _ => is_uploader(who, &found),
    };
    if seen { Ok(found) } else { Err(missing()) }
}

/// An artifact the caller may delete; announced ones included.
pub async fn owned(services: &Services, who: &Identity, id: u64) -> ApiResult<Versioned<Artifact>> {
    let found = load(services, id).await?;
    let artifact = &found.value;
    let waits = artifact.pending || artifact.parked;
    let Some(batch) = artifact.batch_id.as_deref().filter(|_| !waits) else {
        return match is_uploader(who, artifact) {
            true => Ok(found),
            false => Err(missing()),
        };
    };
    let batch = services.store.batch(batch).await?.ok_or_else(missing)?;
    match access::may_own(who.actor(), &batch.value) {
        Owned::Yes => Ok(found),
        Owned::No => Err(ApiError::new(Code::OwnerRequired)),
        Owned::Missing => Err(missing()),
    }
}

/// An artifact whose upload the caller may finish: its uploader only.
pub async fn announced(
    services: &Services,
    who: &Identity,
    id: u64,
) -> ApiResult<Versioned<Artifact>> {
    let found = load(services, id).await?;
    match is_uploader(who, &found.value) {
        true => Ok(found),
        false => Err(missing()),
    }
}
