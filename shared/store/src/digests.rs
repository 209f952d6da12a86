//! The jobs of many batches at once, for tables over projects and whole installations.
//!
//! A batch's revision changes with every change of its jobs except the detail of those at work, so
//! what was read at a revision stays right for it. A process keeps what it read, and brings it up
//! to date with what it writes itself. Batches that ended keep their jobs as one compressed item as
//! well, made by the first reader that misses it; those that run are read job by job.

mod kept;

pub use kept::Digests;

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
use domain::status;
use futures::stream::{StreamExt, TryStreamExt, iter};
use std::collections::HashMap;
use std::sync::Arc;

/// Batches read at the same time.
const SIDE_BY_SIDE: usize = 16;
/// A batch with more jobs at work is read whole rather than job by job.
const AT_WORK: usize = 100;

/// Live jobs of a batch, by start and then id. Of those at work the newest epochs may be behind.
pub type Jobs = Arc<[Job]>;

/// Keeps what is live, in order.
fn in_order(mut jobs: Vec<Job>) -> Vec<Job> {
    jobs.retain(|job| job.deleted_at.is_none());
    jobs.sort_by(|a, b| (a.start_time.at, &a.id).cmp(&(b.start_time.at, &b.id)));
    jobs
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
                let json = packed::unpack(bytes(&item, "jobs"))?;
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

    /// As [`Store::live_jobs`], with the newest epochs of all.
    pub async fn live_jobs_now(
        &self,
        batches: &[Versioned<Batch>],
    ) -> Result<Vec<Vec<Job>>, StoreError> {
        let kept = self.live_jobs(batches).await?;
        let mut reads = Vec::with_capacity(batches.len());
        for (batch, jobs) in batches.iter().zip(kept) {
            reads.push(self.with_newest(&batch.value.id, jobs));
        }
        iter(reads).buffered(SIDE_BY_SIDE).try_collect().await
    }

    async fn with_newest(&self, batch: &str, kept: Jobs) -> Result<Vec<Job>, StoreError> {
        let at_work = |job: &&Job| status::job_is_running(&job.status);
        let ids: Vec<String> = kept.iter().filter(at_work).map(|j| j.id.clone()).collect();
        if ids.len() > AT_WORK {
            return Ok(in_order(self.jobs_of_batch(batch).await?));
        }
        if ids.is_empty() {
            return Ok(kept.to_vec());
        }
        let mut newest = self.jobs(batch, &ids).await?;
        let now = |job: &Job| match newest.remove(&job.id) {
            Some(found) => found.value,
            None => job.clone(),
        };
        Ok(in_order(kept.iter().map(now).collect()))
    }

    /// Reads the jobs one by one, and keeps them for the next reader.
    async fn digest<'a>(&self, batch: &'a Versioned<Batch>) -> Result<(&'a str, Jobs), StoreError> {
        let jobs: Jobs = in_order(self.jobs_of_batch(&batch.value.id).await?).into();
        // The jobs may be newer than the revision; then the batch has a newer one as well, and
        // the entry is never looked at again.
        self.digests.put(batch, &jobs);
        if batch.value.status.is_terminal() {
            let json = serde_json::to_vec(&jobs).map_err(|e| StoreError::Corrupt(e.to_string()))?;
            let payload = packed::pack(&json);
            if packed::fits(&payload) {
                let mut item = key_item(&keys::digest(&batch.value.id));
                item.insert("of".into(), n(batch.rev));
                item.insert("jobs".into(), AttributeValue::B(Blob::new(payload)));
                self.table.write(Write::Put(item, Expect::Anything)).await?;
            }
        }
        Ok((&batch.value.id, jobs))
    }
}
