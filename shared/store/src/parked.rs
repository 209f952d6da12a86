//! Artifacts that overtook the event that starts their job: parked, and settled once it is known.

use crate::Store;
use crate::artifacts::{
    FIRST_PAUSE_MS, Kept, ROUNDS, Usage, entry_write, id_taken, place, row_write, usage_write,
};
use crate::error::StoreError;
use crate::item::{decode, text};
use crate::keys::{self, Key};
use crate::pause;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::artifact::Artifact;
use domain::limits::ARTIFACTS_PARKED;
use domain::time::Timestamp;
use std::collections::HashSet;

impl Store {
    /// Stores an artifact whose job nobody has heard of yet; it expires unless it is settled.
    pub async fn park_artifact(
        &self,
        artifact: Artifact,
        rev: Option<u64>,
        quota: Usage,
        now: Timestamp,
    ) -> Result<Kept, StoreError> {
        let waiting = self.parked_artifacts(artifact.uploader, now).await?;
        let used = waiting
            .iter()
            .fold(Usage::default(), |sum, other| sum.with(other.size_bytes));
        if !used.has_room(artifact.size_bytes, quota) {
            return Ok(Kept::OverQuota);
        }
        let entry = keys::parked(artifact.uploader, artifact.id);
        let writes = vec![row_write(&artifact, rev)?, entry_write(&entry, &artifact)];
        match self.table.transact(writes).await {
            Ok(()) => Ok(Kept::Done(Box::new(artifact))),
            Err(StoreError::ConditionAt(_)) if rev.is_none() => Err(id_taken()),
            Err(StoreError::ConditionAt(_)) => Err(StoreError::Conflict),
            Err(error) => Err(error),
        }
    }

    /// A user's artifacts that wait for their job; oldest first.
    pub async fn parked_artifacts(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Artifact>, StoreError> {
        let partition = keys::parked_partition(user);
        let entries = self.table.partition(&partition).take(ARTIFACTS_PARKED);
        let mut parked = self.rows_of(&entries.await?).await?;
        parked.retain(|artifact| artifact.expires_at.is_none_or(|at| at > now));
        Ok(parked)
    }

    /// Gives a batch what its owner parked for it: what named the batch, and what named a job
    /// this batch has. Returns how many were settled.
    pub async fn settle_parked(&self, batch: &str, now: Timestamp) -> Result<usize, StoreError> {
        let Some(found) = self.batch(batch).await? else {
            return Ok(0);
        };
        let Some(owner) = found.value.owner_id else {
            return Ok(0);
        };
        if found.value.deleted_at.is_some() {
            return Ok(0);
        }
        let parked = self.parked_artifacts(owner, now).await?;
        let jobs: HashSet<String> = parked
            .iter()
            .filter(|artifact| artifact.batch_id.is_none())
            .filter_map(|artifact| artifact.job_id.clone())
            .collect();
        let jobs: Vec<String> = jobs.into_iter().collect();
        let known = match jobs.is_empty() {
            true => Default::default(),
            false => self.jobs(batch, &jobs).await?,
        };
        let mut settled = 0;
        for artifact in parked {
            let fits = match (&artifact.batch_id, &artifact.job_id) {
                (Some(named), _) => named == batch,
                (None, Some(job)) => known.contains_key(job),
                (None, None) => false,
            };
            if fits && self.settle(artifact.id, batch, now).await? {
                settled += 1;
            }
        }
        Ok(settled)
    }

    /// Moves one parked artifact into a batch. The quota is counted but not asked: the file was
    /// accepted already.
    async fn settle(&self, id: u64, batch: &str, now: Timestamp) -> Result<bool, StoreError> {
        for round in 0..ROUNDS {
            let Some(found) = self.artifact(id, now).await? else {
                return Ok(false);
            };
            let mut artifact = found.value;
            if !artifact.parked {
                return Ok(false);
            }
            let waiting = keys::parked(artifact.uploader, id);
            artifact.parked = false;
            artifact.expires_at = None;
            artifact.batch_id = Some(batch.to_owned());
            let (_, job) = place(&artifact);
            let key = keys::artifact_usage(batch, job);
            let (usage, rev) = self.usage(&key).await?;
            let entry = keys::artifact_entry(batch, job, id);
            let writes = vec![
                row_write(&artifact, Some(found.rev))?,
                usage_write(&key, usage.with(artifact.size_bytes), rev)?,
                entry_write(&entry, &artifact),
                Write::Delete(waiting, Expect::Anything),
            ];
            match self.table.transact(writes).await {
                Ok(()) => return Ok(true),
                Err(StoreError::ConditionAt(_)) => {
                    pause::after_lost_race(round, FIRST_PAUSE_MS).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("lost every race for this job".into()))
    }

    /// The newest batch of a list that has `job`, one that has not ended first. Looks at the
    /// newest `limit` batches, page by page, and stops at the first page with a match.
    pub async fn batch_with_job(
        &self,
        lists: &[crate::batch_lists::BatchList],
        job: &str,
        limit: usize,
    ) -> Result<Option<domain::batch::Batch>, StoreError> {
        const PAGE: usize = 100;
        let mut before: Option<String> = None;
        let mut seen = 0;
        while seen < limit {
            let (page, next) = self.list_batches(lists, before.as_deref(), PAGE).await?;
            seen += PAGE;
            let last = next.is_none();
            before = next;
            let wanted: Vec<Key> = page
                .iter()
                .map(|(_, batch)| keys::job(&batch.value.id, job))
                .collect();
            let mut having = HashSet::new();
            for item in self.table.get_many(&wanted).await? {
                let job: domain::job::Job = decode(&item)?.value;
                if job.deleted_at.is_none() {
                    having.insert(text(&item, "pk")?.to_owned());
                }
            }
            let mut matches: Vec<_> = page
                .into_iter()
                .map(|(_, batch)| batch.value)
                .filter(|batch| having.contains(&keys::batch_partition(&batch.id)))
                .collect();
            // Stable: newest first within each half.
            matches.sort_by_key(|batch| !batch.status.is_active());
            if !matches.is_empty() || last {
                return Ok(matches.into_iter().next());
            }
        }
        Ok(None)
    }
}
