//! What this process remembers of one batch between writes.

use domain::batch::Batch;
use domain::event::Detail;
use domain::fold::View;
use domain::job::Job;
use domain::status::{self, BatchStatus};
use domain::time::Timestamp;
use domain::tracking::Tracked;
use std::collections::{BTreeMap, HashMap};
use store::chunks::Stream;
use store::{Store, StoreError, Versioned};

/// Age at which the batch summary is read again: stop requests come from outside.
const FRESH_MS: i64 = 1000;
/// Jobs kept; beyond it those that ended are forgotten.
const JOBS: usize = 2000;
/// Event fingerprints kept over all streams of the batch.
const FINGERPRINTS: usize = 1_000_000;

/// Known events of one stream.
#[derive(Clone, Default)]
pub struct Known {
    /// Row ids by fingerprint.
    pub rows: HashMap<u64, u64>,
    /// Highest chunk id seen.
    pub newest: Option<u64>,
}

/// Cached state of a batch. The default is "nothing known".
#[derive(Clone, Default)]
pub struct Slot {
    /// Summary and jobs, as last read or written.
    pub view: View,
    /// Stored revision of the batch; `None` while it does not exist.
    pub batch_rev: Option<u64>,
    /// Stored revisions of cached jobs; `None` inside: known not to exist.
    pub job_revs: BTreeMap<String, Option<u64>>,
    /// Known events per stream.
    pub streams: HashMap<Stream, Known>,
    /// Highest feed number known.
    pub feed_head: Option<u64>,
    /// `last_event_at` as stored, to write it only now and then.
    pub touched_at: Timestamp,
    /// What was tracked since the batch was last written.
    pub unsaved: Tracked,
    /// The batch was created here, by the only writer: whatever is not cached does not exist.
    pub born_here: bool,
    loaded_at: Option<Timestamp>,
}

impl Slot {
    /// Whether the script shall stop.
    pub fn stop_requested(&self) -> bool {
        self.view
            .batch
            .as_ref()
            .is_some_and(|b| b.status == BatchStatus::Stopping)
    }

    /// Whether somebody deleted the batch.
    pub fn is_deleted(&self) -> bool {
        let batch = self.view.batch.as_ref();
        batch.is_some_and(|batch| batch.deleted_at.is_some())
    }

    /// Reads the batch unless the cached one is fresh.
    pub async fn refresh(
        &mut self,
        store: &Store,
        batch: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self
            .loaded_at
            .is_some_and(|at| now.0 - at.0 < FRESH_MS && now >= at)
        {
            return Ok(());
        }
        self.loaded_at = Some(now);
        match store.batch(batch).await? {
            None => {
                *self = Self {
                    loaded_at: Some(now),
                    unsaved: self.unsaved,
                    ..Self::default()
                }
            }
            Some(Versioned { value, rev }) if self.batch_rev != Some(rev) => {
                self.touched_at = value.last_event_at;
                self.view.batch = Some(value);
                self.batch_rev = Some(rev);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Makes sure the jobs with these ids are cached, or known not to exist.
    pub async fn load_jobs(
        &mut self,
        store: &Store,
        batch: &str,
        ids: Vec<String>,
    ) -> Result<(), StoreError> {
        let wanted: Vec<String> = ids
            .into_iter()
            .filter(|id| !self.job_revs.contains_key(id))
            .collect();
        if wanted.is_empty() || self.knows_all() {
            return Ok(());
        }
        let mut found = store.jobs(batch, &wanted).await?;
        for id in wanted {
            let job = found.remove(&id);
            self.job_revs
                .insert(id.clone(), job.as_ref().map(|j| j.rev));
            if let Some(job) = job {
                self.view.jobs.insert(id, job.value);
            }
        }
        Ok(())
    }

    /// Makes sure the known events of `stream` are complete, as far as one instance can know.
    pub async fn load_stream(
        &mut self,
        store: &Store,
        stream: &Stream,
        exclusive: bool,
    ) -> Result<(), StoreError> {
        let cached = self.streams.get(stream);
        if (cached.is_some() && exclusive) || self.knows_all() {
            return Ok(());
        }
        let after = cached.and_then(|known| known.newest);
        let (events, newest) = store.known_events(stream, after).await?;
        let known = self.streams.entry(stream.clone()).or_default();
        known.rows.extend(events);
        known.newest = known.newest.max(newest);
        Ok(())
    }

    /// Nothing about this batch can exist that is not in this slot.
    fn knows_all(&self) -> bool {
        self.born_here
    }

    /// Revision a job was cached at.
    pub fn job_rev(&self, id: &str) -> Option<u64> {
        self.job_revs.get(id).copied().flatten()
    }

    /// Keeps the slot within its bounds; what is dropped is read again when needed.
    pub fn trim(&mut self) {
        if self.view.jobs.len() > JOBS {
            self.born_here = false;
            let ended = |job: &Job| !status::job_is_running(&job.status);
            let gone: Vec<String> = self
                .view
                .jobs
                .values()
                .filter(|j| ended(j))
                .map(|j| j.id.clone())
                .collect();
            for id in gone {
                self.view.jobs.remove(&id);
                self.job_revs.remove(&id);
            }
        }
        if self.fingerprints() > FINGERPRINTS {
            self.forget_events();
        }
    }

    /// Event fingerprints held.
    pub fn fingerprints(&self) -> usize {
        self.streams.values().map(|known| known.rows.len()).sum()
    }

    /// Gives up the known events; they are read again when needed.
    pub fn forget_events(&mut self) {
        self.born_here = false;
        self.streams = HashMap::new();
    }

    /// The batch as it is to be written: with everything tracked so far.
    pub fn batch_to_write(&self) -> Option<Batch> {
        let mut batch = self.view.batch.clone()?;
        batch.tracked += self.unsaved;
        Some(batch)
    }

    /// The batch was written as [`Slot::batch_to_write`] said.
    pub fn note_written(&mut self) {
        let unsaved = std::mem::take(&mut self.unsaved);
        if let Some(batch) = self.view.batch.as_mut() {
            batch.tracked += unsaved;
        }
    }

    /// The cached batch.
    pub fn batch(&self) -> Option<&Batch> {
        self.view.batch.as_ref()
    }
}

/// The stream detail of a job belongs to; snapshots are the batch's own.
pub fn stream_of(kind: Detail, batch: &str, job: Option<&str>) -> Stream {
    let job = match kind {
        Detail::Snapshots => "",
        Detail::Epochs | Detail::Logs => job.unwrap_or(""),
    };
    Stream {
        kind,
        batch: batch.to_owned(),
        job: job.to_owned(),
    }
}
