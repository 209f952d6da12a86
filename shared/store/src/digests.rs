//! The jobs of many batches at once, for tables over projects and whole installations.
//!
//! A batch's revision changes with every change of a job that such tables show, so what was read
//! at a revision stays right for it. Batches that ended keep their jobs as one compressed item,
//! made by the first reader that misses it; those that run are read job by job.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, bytes, key_item, n, number, text};
use crate::keys;
use crate::packed;
use crate::table::{Expect, Write};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::batch::Batch;
use domain::job::Job;
use futures::stream::{StreamExt, TryStreamExt, iter};
use lru::LruCache;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};

/// Batches whose jobs are kept in memory.
const CACHED: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");
/// Batches with more jobs are not kept in memory: a few would fill it.
const CACHED_JOBS: usize = 5000;
/// Batches read at the same time.
const SIDE_BY_SIDE: usize = 16;

/// Live jobs of a batch, by start and then id. Epochs and traces are left out: they change
/// without the batch.
pub type Jobs = Arc<[Job]>;

/// Digests in memory.
pub struct Digests(Mutex<LruCache<String, (u64, Jobs)>>);

impl Default for Digests {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CACHED)))
    }
}

impl Digests {
    fn lock(&self) -> MutexGuard<'_, LruCache<String, (u64, Jobs)>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn get(&self, batch: &Versioned<Batch>) -> Option<Jobs> {
        let mut cache = self.lock();
        let (rev, jobs) = cache.get(&batch.value.id)?;
        (*rev == batch.rev).then(|| Arc::clone(jobs))
    }

    fn put(&self, batch: &Versioned<Batch>, jobs: &Jobs) {
        if jobs.len() <= CACHED_JOBS {
            let entry = (batch.rev, Arc::clone(jobs));
            self.lock().put(batch.value.id.clone(), entry);
        }
    }
}

impl Store {
    /// The live jobs of each of `batches`, in the same order.
    pub async fn live_jobs(&self, batches: &[Versioned<Batch>]) -> Result<Vec<Jobs>, StoreError> {
        let mut found: HashMap<&str, Jobs> = HashMap::with_capacity(batches.len());
        let mut ended = HashMap::new();
        for batch in batches {
            if let Some(jobs) = self.digests.get(batch) {
                found.insert(&batch.value.id, jobs);
            } else if batch.value.status.is_terminal() {
                ended.insert(keys::digest(&batch.value.id).pk, batch);
            }
        }
        let wanted: Vec<keys::Key> = ended.values().map(|b| keys::digest(&b.value.id)).collect();
        for item in self.table.get_many(&wanted).await? {
            if let Some(batch) = ended.get(text(&item, "pk")?)
                && number(&item, "of") == Some(batch.rev)
            {
                let json = packed::unpack(bytes(&item, "z"))?;
                let jobs: Vec<Job> = serde_json::from_slice(&json)
                    .map_err(|e| StoreError::Corrupt(format!("digest: {e}")))?;
                let jobs: Jobs = jobs.into();
                self.digests.put(batch, &jobs);
                found.insert(&batch.value.id, jobs);
            }
        }
        let mut reads = Vec::new();
        for batch in batches {
            if !found.contains_key(batch.value.id.as_str()) {
                reads.push(self.digest(batch));
            }
        }
        let read: Vec<(&str, Jobs)> = iter(reads)
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        found.extend(read);
        let of = |batch: &Versioned<Batch>| found.get(batch.value.id.as_str()).cloned();
        Ok(batches.iter().filter_map(of).collect())
    }

    /// Reads the jobs one by one, and keeps them for the next reader.
    async fn digest<'a>(&self, batch: &'a Versioned<Batch>) -> Result<(&'a str, Jobs), StoreError> {
        let mut jobs = self.jobs_of_batch(&batch.value.id).await?;
        jobs.retain(|job| job.deleted_at.is_none());
        jobs.sort_by(|a, b| (a.start_time.at, &a.id).cmp(&(b.start_time.at, &b.id)));
        for job in &mut jobs {
            job.val_loss_trace.clear();
            job.last_epoch = None;
        }
        let jobs: Jobs = jobs.into();
        // The jobs may be newer than the revision; then the batch has a newer one as well, and
        // the entry is never looked at again.
        self.digests.put(batch, &jobs);
        if batch.value.status.is_terminal() {
            let json = serde_json::to_vec(&jobs).map_err(|e| StoreError::Corrupt(e.to_string()))?;
            let payload = packed::pack(&json);
            if packed::fits(&payload) {
                let mut item = key_item(&keys::digest(&batch.value.id));
                item.insert("of".into(), n(batch.rev));
                item.insert("z".into(), AttributeValue::B(Blob::new(payload)));
                self.table.write(Write::Put(item, Expect::Anything)).await?;
            }
        }
        Ok((&batch.value.id, jobs))
    }
}
