//! What this process keeps of batches' jobs.

use super::{Jobs, in_order};
use crate::item::Versioned;
use domain::batch::Batch;
use domain::job::Job;
use domain::time::Timestamp;
use lru::LruCache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Jobs kept over all batches, about a kilobyte each; those asked for longest ago go first.
const JOBS: usize = 50_000;
/// Batches with more jobs are not kept: a few would fill it.
const JOBS_OF_ONE: usize = 5000;
/// Changed jobs that may wait for the next reader of a batch.
const CHANGED: usize = 2000;

struct Entry {
    jobs: Jobs,
    /// When the batch was made: another of the same id may come once it was purged.
    made_at: Timestamp,
    /// Revision of the batch they were read at.
    read_at: u64,
    /// Revision they are right for once `changed` is applied.
    newest: u64,
    /// Jobs written since, oldest first.
    changed: Vec<Job>,
}

impl Entry {
    fn weight(&self) -> usize {
        self.jobs.len() + 1
    }

    fn apply_changes(&mut self) {
        if self.changed.is_empty() {
            return;
        }
        let changed = self.changed.drain(..).map(|job| (job.id.clone(), job));
        let mut changed: HashMap<String, Job> = changed.collect();
        let same = self
            .jobs
            .iter()
            .filter(|job| !changed.contains_key(&job.id));
        let mut jobs: Vec<Job> = same.cloned().collect();
        jobs.extend(changed.drain().map(|(_, job)| job));
        self.jobs = in_order(jobs).into();
    }
}

/// Jobs in memory.
pub struct Digests(Mutex<Kept>);

struct Kept {
    entries: LruCache<String, Entry>,
    weight: usize,
}

impl Default for Digests {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            entries: LruCache::unbounded(),
            weight: 0,
        }))
    }
}

impl Kept {
    fn remove(&mut self, batch: &str) {
        if let Some(entry) = self.entries.pop(batch) {
            self.weight -= entry.weight();
        }
    }
}

impl Digests {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The jobs of `batch`, if they are known at its revision.
    pub(super) fn get(&self, batch: &Versioned<Batch>) -> Option<Jobs> {
        let mut kept = self.lock();
        let entry = kept.entries.get_mut(&batch.value.id)?;
        let known = (entry.read_at..=entry.newest).contains(&batch.rev);
        if !known || entry.made_at != batch.value.created_at {
            return None;
        }
        let before = entry.weight();
        entry.apply_changes();
        let (jobs, after) = (Arc::clone(&entry.jobs), entry.weight());
        kept.weight = kept.weight - before + after;
        Some(jobs)
    }

    /// Keeps what was read after `batch` was. The jobs may be newer than its revision; then the
    /// batch has a newer one as well.
    pub(super) fn put(&self, batch: &Versioned<Batch>, jobs: &Jobs) {
        let id = &batch.value.id;
        let mut kept = self.lock();
        let made_at = batch.value.created_at;
        let known = kept.entries.peek(id);
        let newer = known.is_some_and(|e| e.made_at == made_at && e.newest > batch.rev);
        if jobs.len() > JOBS_OF_ONE || newer {
            return;
        }
        kept.remove(id);
        let entry = Entry {
            jobs: Arc::clone(jobs),
            made_at,
            read_at: batch.rev,
            newest: batch.rev,
            changed: vec![],
        };
        kept.weight += entry.weight();
        kept.entries.put(id.clone(), entry);
        while kept.weight > JOBS {
            let Some((_, oldest)) = kept.entries.pop_lru() else {
                return;
            };
            kept.weight -= oldest.weight();
        }
    }

    /// This process wrote the batch as revision `rev`, on condition that it was at the one before,
    /// and `changed` with it. Nobody else can have changed it in between.
    pub fn advance<'a>(&self, batch: &str, rev: u64, changed: impl Iterator<Item = &'a Job>) {
        let mut kept = self.lock();
        let Some(entry) = kept.entries.peek_mut(batch) else {
            return;
        };
        if entry.newest >= rev {
            return;
        }
        if entry.newest + 1 == rev && entry.changed.len() < CHANGED {
            entry.newest = rev;
            entry.changed.extend(changed.cloned());
        } else {
            kept.remove(batch);
        }
    }
}
