//! Loading what the caller may see, or answering as if it were not there.

use crate::caller::Viewer;
use crate::error::{ApiError, ApiResult};
use crate::sight::{self, Scope, Sight};
use domain::access::{Actor, Right};
use domain::batch::Batch;
use domain::job::Job;
use domain::project::{Project, is_demo};
use domain::time::Timestamp;
use runtime::Services;
use store::Versioned;
use store::digests::Jobs;
use wire::Code;

/// The answer that something is not there. Nobody in particular is asked to log in instead, so
/// that strangers learn nothing.
pub fn missing(who: &impl Viewer, code: Code) -> ApiError {
    match who.viewer() {
        Some(_) => ApiError::new(code),
        None => ApiError::new(Code::AuthRequired),
    }
}

/// A batch the caller may read.
pub async fn batch(services: &Services, who: &impl Viewer, id: &str) -> ApiResult<Batch> {
    let found = at_revision(services, who, id).await?;
    Ok(found.value)
}

/// As [`batch`], with its revision.
pub async fn at_revision(
    services: &Services,
    who: &impl Viewer,
    id: &str,
) -> ApiResult<Versioned<Batch>> {
    let found = found_batch(services, who, id).await?;
    found.ok_or_else(|| missing(who, Code::BatchNotFound))
}

/// A batch the caller may read with its live jobs, start ascending, then id; the newest epochs
/// of those at work may be behind.
pub async fn batch_with_jobs(
    services: &Services,
    who: &impl Viewer,
    id: &str,
) -> ApiResult<(Batch, Jobs)> {
    let batch = at_revision(services, who, id).await?;
    let jobs = services
        .store
        .live_jobs(std::slice::from_ref(&batch))
        .await?;
    let jobs = jobs.into_iter().next().unwrap_or_default();
    Ok((batch.value, jobs))
}

/// Nobody in particular is not told whose batch it is.
fn anonymous_for(viewer: Option<Actor>, mut batch: Versioned<Batch>) -> Versioned<Batch> {
    if viewer.is_none() {
        batch.value.owner_id = None;
    }
    batch
}

/// A batch the caller may read with its revision, or nothing. Nobody in particular gets an error
/// instead of nothing.
pub async fn found_batch(
    services: &Services,
    who: &impl Viewer,
    id: &str,
) -> ApiResult<Option<Versioned<Batch>>> {
    let found = services.store.batch(id).await?;
    let right = match &found {
        Some(batch) => sight::right_to(&services.store, who.viewer(), &batch.value).await?,
        None => None,
    };
    match (right, who.viewer()) {
        (None, None) => Err(ApiError::new(Code::AuthRequired)),
        (None, Some(_)) => Ok(None),
        (Some(_), viewer) => Ok(found.map(|found| anonymous_for(viewer, found))),
    }
}

/// A live job of a batch the caller may read, or nothing.
pub async fn job(
    services: &Services,
    who: &impl Viewer,
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

/// A batch to which the caller has at least `right`.
pub async fn with_right(
    services: &Services,
    who: &impl Viewer,
    id: &str,
    right: Right,
) -> ApiResult<Versioned<Batch>> {
    let found = services.store.batch(id).await?;
    let found = found.ok_or_else(|| missing(who, Code::BatchNotFound))?;
    check_right(services, who, found, right).await
}

/// As [`with_right`], for a batch that was loaded already.
pub async fn check_right(
    services: &Services,
    who: &impl Viewer,
    found: Versioned<Batch>,
    right: Right,
) -> ApiResult<Versioned<Batch>> {
    if found.value.deleted_at.is_some() {
        return Err(missing(who, Code::BatchNotFound));
    }
    let has = sight::right_to(&services.store, who.viewer(), &found.value).await?;
    match has >= Some(right) {
        true => Ok(found),
        false => Err(ApiError::new(Code::OwnerRequired)),
    }
}

/// A project the caller may read, as its settings say: members, the public, administrators.
/// Nothing when there is none, or for somebody who only uses its name, or for anybody with an
/// account who asks for sample data.
pub async fn project(
    services: &Services,
    who: &impl Viewer,
    sight: &mut Sight,
    slug: &str,
) -> ApiResult<Option<Versioned<Project>>> {
    if is_demo(slug) && who.viewer().is_some() {
        return Ok(None);
    }
    let admin = who.viewer().is_some_and(|who| who.is_admin);
    let seen = admin || sight.role_in(slug).is_some() || sight.is_public(slug).await?;
    match seen {
        true => Ok(services.store.project(slug).await?),
        false => Ok(None),
    }
}

/// The settings of every project the caller takes part in; of all, for administrators.
pub async fn settings(services: &Services, sight: &Sight) -> ApiResult<Vec<Project>> {
    if sight.who().is_some_and(|who| who.is_admin) {
        let mut all = services.store.all_projects().await?;
        all.retain(|project| !is_demo(&project.slug));
        return Ok(all);
    }
    let slugs: Vec<String> = sight.memberships().keys().cloned().collect();
    Ok(services.store.projects(&slugs).await?)
}

/// Most batches a table over many is made of; newest first.
const TABLE_BATCHES: usize = 5000;
/// Rows read at once.
const STEP: usize = 500;

/// The batches the caller may read, of one project or of all: newest start first, none that
/// started before `since`.
pub async fn batches(
    services: &Services,
    who: &impl Viewer,
    project: Option<&str>,
    since: Option<Timestamp>,
) -> ApiResult<Vec<Versioned<Batch>>> {
    let mut sight = Sight::load(&services.store, who.viewer()).await?;
    batches_in(services, &mut sight, project, Scope::All, since).await
}

/// As [`batches`], of a scope.
pub async fn batches_in(
    services: &Services,
    sight: &mut Sight,
    project: Option<&str>,
    scope: Scope,
    since: Option<Timestamp>,
) -> ApiResult<Vec<Versioned<Batch>>> {
    let lists = sight.lists(project, scope).await?;
    let mut found: Vec<Versioned<Batch>> = Vec::new();
    let mut position: Option<String> = None;
    if lists.is_empty() {
        return Ok(found);
    }
    loop {
        let (rows, next) = services
            .store
            .list_batches(&lists, position.as_deref(), STEP)
            .await?;
        for (_, batch) in rows {
            if since.is_some_and(|since| batch.value.start_time.at < since) {
                return Ok(found);
            }
            if sight.in_scope(&batch.value, scope).await? {
                found.push(anonymous_for(sight.who(), batch));
            }
        }
        if next.is_none() || found.len() >= TABLE_BATCHES {
            return Ok(found);
        }
        position = next;
    }
}

/// The live jobs of a batch with their newest epochs: start ascending, then id.
pub async fn jobs(services: &Services, batch: &Versioned<Batch>) -> ApiResult<Vec<Job>> {
    let found = services
        .store
        .live_jobs_now(std::slice::from_ref(batch))
        .await?;
    Ok(found.into_iter().next().unwrap_or_default())
}
