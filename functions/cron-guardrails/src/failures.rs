//! Why jobs failed, as far as their words tell.

use crate::act::{self, Act};
use domain::event::Detail;
use domain::guardrail::judge::{Failures, Seen, judge};
use domain::guardrail::{Thresholds, Watch, memory};
use domain::job::Job;
use domain::project::is_demo;
use domain::status::job_is_failed;
use domain::time::Timestamp;
use runtime::Services;
use runtime::settings::Guardrails;
use serde::Deserialize;
use std::collections::HashMap;
use store::chunks::{Stream, rows};
use store::watches::failures_seen_write;
use store::{Store, StoreError};

/// Seconds given to the last lines of a failed job to arrive.
const SETTLED_SECS: i64 = 20;
/// Failed jobs looked into at once.
const JOBS: usize = 10;
/// Newest chunks of a job's lines that are read.
const CHUNKS: usize = 4;
/// Jobs read at once.
const PAGE: usize = 200;

/// Whether a job failed since failures were last looked into, and had time to say why.
pub(crate) fn is_new(job: &Job, seen: &Watch, now: Timestamp) -> bool {
    let settled = job.last_event_at <= now.plus_secs(-SETTLED_SECS);
    let (at, id) = &seen.failures_seen;
    job_is_failed(&job.status) && settled && (job.last_event_at, &job.id) > (*at, id)
}

/// Keeps the failures that come first, so that memory stays bounded whatever a batch holds.
pub(crate) fn note(failed: &mut Vec<Job>, job: Job) {
    failed.push(job);
    if failed.len() > 2 * JOBS {
        first(failed);
    }
}

/// The failures heard of first.
fn first(failed: &mut Vec<Job>) {
    failed.sort_by(|a, b| (a.last_event_at, &a.id).cmp(&(b.last_event_at, &b.id)));
    failed.truncate(JOBS);
}

/// Looks into failed jobs.
pub(crate) async fn look_into(
    store: &Store,
    mut failed: Vec<Job>,
    now: Timestamp,
) -> Result<Failures, StoreError> {
    first(&mut failed);
    let mut found = Failures::default();
    for job in failed {
        if let Some(line) = sign(store, &job, now).await? {
            found.out_of_memory.push((job.id.clone(), line));
        }
        found.until = (job.last_event_at, job.id);
    }
    Ok(found)
}

/// What a job said of memory that ran out: its reason, else its newest lines.
async fn sign(store: &Store, job: &Job, now: Timestamp) -> Result<Option<String>, StoreError> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(alias = "message")]
        line: String,
    }
    if let Some(error) = job.error.as_deref().filter(|error| memory::is_sign(error)) {
        let line = error.lines().find(|line| memory::is_sign(line));
        return Ok(Some(line.unwrap_or(error).to_owned()));
    }
    let stream = Stream {
        kind: Detail::Logs,
        batch: job.batch_id.clone(),
        job: job.id.clone(),
    };
    let rows = rows(store.newest_chunks(&stream, None, CHUNKS, now).await?);
    let lines: Vec<String> = rows
        .iter()
        .filter_map(|row| serde_json::from_str::<Line>(row.record.data.get()).ok())
        .map(|line| line.line)
        .collect();
    let line = memory::assess(lines.iter().map(String::as_str));
    Ok(line.map(str::to_owned))
}

/// Looks into the failures of a batch that ended. `None`: it changed meanwhile, or its last words
/// may still be on their way; it stays in the index and is looked at again.
pub(crate) async fn of_ended(
    services: &Services,
    settings: &Guardrails,
    id: &str,
) -> Result<Option<Act>, StoreError> {
    let (store, now) = (&services.store, services.clock.now());
    let seen = failures_seen_write(id);
    let watched = store.watched_batch(id).await?;
    let Some(watched) = watched.filter(|watched| {
        let batch = &watched.batch.value;
        batch.deleted_at.is_none() && !is_demo(&batch.project)
    }) else {
        store.table.write(seen).await?;
        return Ok(Some(Act::default()));
    };
    let batch = &watched.batch.value;
    if batch.last_event_at > now.plus_secs(-SETTLED_SECS) {
        return Ok(None);
    }
    let memory = watched.memory();
    let (mut failed, mut after, mut count) = (vec![], None, 0);
    loop {
        let (jobs, next) = store.jobs_page(id, after.as_deref(), PAGE).await?;
        for job in jobs.into_iter().map(|job| job.value) {
            if job.deleted_at.is_none() && is_new(&job, &memory, now) {
                count += 1;
                note(&mut failed, job);
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    first(&mut failed);
    let is_all = failed.len() == count;
    let also = match is_all {
        true => vec![seen],
        false => vec![],
    };
    let view = Seen {
        batch,
        jobs: &[],
        samples: &[],
        failures: look_into(store, failed, now).await?,
    };
    let Some(ruling) = judge(&view, &memory, &Thresholds::default(), now) else {
        for write in also {
            store.table.write(write).await?;
        }
        return Ok(Some(Act::default()));
    };
    let none = HashMap::new();
    let done = act::carry_out(services, &settings.price, (&watched, &none), ruling, also);
    match done.await {
        Ok(act) => Ok(Some(act)),
        Err(StoreError::ConditionAt(_) | StoreError::Conflict | StoreError::Busy(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
