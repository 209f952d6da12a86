//! Reading what the rules need of a batch, and no more: a healthy one costs its jobs and its newest
//! snapshot.

use crate::failures;
use domain::batch::Batch;
use domain::event::Detail;
use domain::guardrail::judge::{Failures, Seen};
use domain::guardrail::{Sample, Thresholds, Watch, idle, stall, stopping};
use domain::job::Job;
use domain::status::{BatchStatus, job_is_running};
use domain::time::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashMap;
use store::chunks::{Chunk, Stream, rows};
use store::{Store, StoreError, Versioned};

/// Jobs read at once.
const JOBS: usize = 200;
/// Jobs at work that are judged; a batch with more has them judged as others end.
const AT_WORK: usize = 500;
/// Chunks of snapshots read at once.
const CHUNKS: usize = 120;
/// Steps in which a window is read at most.
const STEPS: usize = 10;

/// What was read.
#[derive(Default)]
pub(crate) struct Gathered {
    at_work: Vec<Job>,
    samples: Vec<Sample>,
    failures: Failures,
    /// Revisions of the jobs at work.
    pub versions: HashMap<String, u64>,
}

impl Gathered {
    /// Jobs at work.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.at_work.clone()
    }

    /// What the rules see.
    pub(crate) fn seen<'a>(&'a self, batch: &'a Batch, jobs: &'a [Job]) -> Seen<'a> {
        Seen {
            batch,
            jobs,
            samples: &self.samples,
            failures: self.failures.clone(),
        }
    }
}

/// Reads what the rules need of `batch` at `now`.
pub(crate) async fn gather(
    store: &Store,
    batch: &Batch,
    memory: &Watch,
    thresholds: &Thresholds,
    now: Timestamp,
) -> Result<Gathered, StoreError> {
    let mut gathered = Gathered::default();
    let works = matches!(
        batch.status,
        BatchStatus::Running | BatchStatus::Stopping | BatchStatus::Divergent
    );
    // Silence is judged by the summary alone.
    let silent =
        stall::assess(batch, thresholds, now).is_some() || stopping::assess(batch, thresholds, now);
    if !works || silent {
        return Ok(gathered);
    }
    let mut failed = vec![];
    let mut after = None;
    loop {
        let (jobs, next) = store.jobs_page(&batch.id, after.as_deref(), JOBS).await?;
        for Versioned { value: job, rev } in jobs {
            if job.deleted_at.is_some() {
                continue;
            }
            if job_is_running(&job.status) && gathered.at_work.len() < AT_WORK {
                gathered.versions.insert(job.id.clone(), rev);
                gathered.at_work.push(job);
            } else if failures::is_new(&job, memory, now) {
                failures::note(&mut failed, job);
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    gathered.failures = failures::look_into(store, failed, now).await?;
    if batch.status != BatchStatus::Stopping && !gathered.at_work.is_empty() {
        let from = now.plus_secs(-thresholds.idle_secs());
        gathered.samples = samples(store, &batch.id, &gathered.at_work, (from, now)).await?;
    }
    Ok(gathered)
}

/// Snapshots of a batch since `from`, oldest first; the newest alone when it clears all `jobs`.
async fn samples(
    store: &Store,
    batch: &str,
    jobs: &[Job],
    (from, now): (Timestamp, Timestamp),
) -> Result<Vec<Sample>, StoreError> {
    let stream = Stream {
        kind: Detail::Snapshots,
        batch: batch.to_owned(),
        job: String::new(),
    };
    let mut chunks = store.newest_chunks(&stream, None, 1, now).await?;
    let newest = read(chunks.clone());
    let jobs: Vec<&Job> = jobs.iter().collect();
    match newest.last() {
        None => return Ok(newest),
        Some(last) if last.at < from || !idle::is_suspect(&jobs, last) => return Ok(newest),
        Some(_) => {}
    }
    for _ in 0..STEPS {
        let oldest = chunks.last().map(|chunk| chunk.id);
        let older = store.newest_chunks(&stream, oldest, CHUNKS, now).await?;
        let is_all = older.len() < CHUNKS;
        let reaches = older.last().is_some_and(|chunk| chunk.received_at < from);
        chunks.extend(older);
        if is_all || reaches {
            break;
        }
    }
    let mut samples = read(chunks);
    samples.retain(|sample| sample.at >= from);
    Ok(samples)
}

/// Samples of chunks, oldest first. They are dated by when they came: what is replayed after an
/// outage must not look like hours of it.
fn read(chunks: Vec<Chunk>) -> Vec<Sample> {
    let mut rows = rows(chunks);
    rows.sort_by_key(|row| row.id);
    let sample = |row: &store::chunks::Row| {
        let data: Map<String, Value> =
            serde_json::from_str(row.record.data.get()).unwrap_or_default();
        wire::processes::sample(&data, row.received_at)
    };
    rows.iter().map(sample).collect()
}
