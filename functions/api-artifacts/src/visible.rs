//! Loading an artifact the caller may see, or answering as if it were not there.

use crate::place::BATCHES_ASKED;
use domain::access::Right;
use domain::artifact::Artifact;
use domain::batch::Batch;
use runtime::{Identity, Services};
use store::Versioned;
use store::batch_lists::BatchList;
use web::{ApiError, ApiResult, Scope, Sight, Viewer, visible};
use wire::Code;

fn missing() -> ApiError {
    ApiError::new(Code::ArtifactNotFound)
}

/// A batch the caller may read.
pub async fn batch(services: &Services, who: &impl Viewer, id: &str) -> ApiResult<Option<Batch>> {
    let found = visible::found_batch(services, who, id).await?;
    Ok(found.map(|found| found.value))
}

/// The batch a job id alone means to a reader: among one's own first, then among all they see.
pub async fn batch_with_job(
    services: &Services,
    who: &Identity,
    job: &str,
) -> ApiResult<Option<Batch>> {
    let store = &services.store;
    let own = BatchList::Of(who.user.id);
    let found = store.batch_with_job(&[own], job, BATCHES_ASKED).await?;
    if found.is_some() {
        return Ok(found);
    }
    let mut sight = Sight::load(store, Some(who.actor())).await?;
    let lists = sight.lists(None, Scope::All).await?;
    let found = store.batch_with_job(&lists, job, BATCHES_ASKED).await?;
    match found {
        Some(batch) if sight.sees(&batch).await? => Ok(Some(batch)),
        _ => Ok(None),
    }
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
            let own = [BatchList::Of(found.value.uploader)];
            let found = services.store.batch_with_job(&own, job, BATCHES_ASKED);
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

fn is_uploader(who: &impl Viewer, artifact: &Artifact) -> bool {
    who.viewer()
        .is_some_and(|who| who.is_admin || artifact.uploader == who.user_id)
}

/// An artifact the caller may read.
pub async fn artifact(services: &Services, who: &impl Viewer, id: u64) -> ApiResult<Artifact> {
    let found = load(services, id).await;
    let found = found.map_err(|error| match error.code() {
        Code::ArtifactNotFound => visible::missing(who, Code::ArtifactNotFound),
        _ => error,
    });
    let found = found?.value;
    let seen = match &found.batch_id {
        _ if found.pending => false,
        Some(id) if !found.parked => batch(services, who, id).await?.is_some(),
        _ => is_uploader(who, &found),
    };
    match seen {
        true => Ok(found),
        false => Err(visible::missing(who, Code::ArtifactNotFound)),
    }
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
    match visible::with_right(services, who, batch, Right::Edit).await {
        Ok(_) => Ok(found),
        Err(error) if error.code() == Code::BatchNotFound => Err(missing()),
        Err(error) => Err(error),
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
