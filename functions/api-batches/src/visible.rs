//! Loading what the caller may see, or answering as if it were not there.

use domain::access::{self, Owned};
use domain::batch::Batch;
use domain::job::Job;
use runtime::{Identity, Services};
use store::Versioned;
use web::{ApiError, ApiResult};
use wire::Code;

/// A batch the caller may read.
pub async fn batch(services: &Services, who: &Identity, id: &str) -> ApiResult<Batch> {
    let found = services.store.batch(id).await?.map(|v| v.value);
    found
        .filter(|batch| access::may_read(who.actor(), batch))
        .ok_or_else(|| ApiError::new(Code::BatchNotFound))
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

/// The live jobs of a batch: start ascending, then id.
pub async fn jobs(services: &Services, batch: &str) -> ApiResult<Vec<Job>> {
    let mut jobs = services.store.jobs_of_batch(batch).await?;
    jobs.retain(|job| job.deleted_at.is_none());
    jobs.sort_by(|a, b| (a.start_time.at, &a.id).cmp(&(b.start_time.at, &b.id)));
    Ok(jobs)
}
