//! Loading what the caller may see, or answering as if it were not there.

use crate::error::{ApiError, ApiResult};
use domain::access::{self, Owned};
use domain::batch::Batch;
use domain::job::Job;
use domain::time::Timestamp;
use runtime::{Identity, Services};
use store::Versioned;
use store::batches::BatchList;
use wire::Code;

/// A batch the caller may read.
pub async fn batch(services: &Services, who: &Identity, id: &str) -> ApiResult<Batch> {
    let found = found_batch(services, who, id).await?;
    found
        .map(|batch| batch.value)
        .ok_or_else(|| ApiError::new(Code::BatchNotFound))
}

/// A batch the caller may read with its revision, or nothing.
pub async fn found_batch(
    services: &Services,
    who: &Identity,
    id: &str,
) -> ApiResult<Option<Versioned<Batch>>> {
    let found = services.store.batch(id).await?;
    Ok(found.filter(|batch| access::may_read(who.actor(), &batch.value)))
}

/// A live job of a batch the caller may read, or nothing.
pub async fn job(
    services: &Services,
    who: &Identity,
    batch: &str,
    job: &str,
) -> ApiResult<Option<Job>> {
    if found_batch(services, who, batch).await?.is_none() {
        return Ok(None);
    }
    let found = services
        .store
        .job(batch, job)
        .await?
        .map(|found| found.value);
    Ok(found.filter(|job| job.deleted_at.is_none()))
}

/// A batch the caller may act on.
pub async fn owned(services: &Services, who: &Identity, id: &str) -> ApiResult<Versioned<Batch>> {
    let found = services.store.batch(id).await?;
    let found = found.ok_or_else(|| ApiError::new(Code::BatchNotFound))?;
    match access::may_own(who.actor(), &found.value) {
        Owned::Yes => Ok(found),
        Owned::No => Err(ApiError::new(Code::OwnerRequired)),
        Owned::Missing => Err(ApiError::new(Code::BatchNotFound)),
    }
}

/// Most batches a table over many is made of; newest first.
const TABLE_BATCHES: usize = 5000;
/// Rows read at once.
const STEP: usize = 500;

/// The batches the caller may read, of one project or of all: newest start first, none that
/// started before `since`.
pub async fn batches(
    services: &Services,
    who: &Identity,
    project: Option<&str>,
    since: Option<Timestamp>,
) -> ApiResult<Vec<Versioned<Batch>>> {
    let list = match project {
        Some(project) => BatchList::In(project.to_owned()),
        None if who.user.is_admin => BatchList::All,
        None => BatchList::Of(who.user.id),
    };
    let mut found: Vec<Versioned<Batch>> = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let (rows, next) = services
            .store
            .list_batches(&list, position.as_deref(), STEP)
            .await?;
        for (_, batch) in rows {
            if since.is_some_and(|since| batch.value.start_time.at < since) {
                return Ok(found);
            }
            if access::may_read(who.actor(), &batch.value) {
                found.push(batch);
            }
        }
        if next.is_none() || found.len() >= TABLE_BATCHES {
            return Ok(found);
        }
        position = next;
    }
}

/// The live jobs of a batch: start ascending, then id.
pub async fn jobs(services: &Services, batch: &str) -> ApiResult<Vec<Job>> {
    let mut jobs = services.store.jobs_of_batch(batch).await?;
    jobs.retain(|job| job.deleted_at.is_none());
    jobs.sort_by(|a, b| (a.start_time.at, &a.id).cmp(&(b.start_time.at, &b.id)));
    Ok(jobs)
}
