//! Artifacts: the row by id, the list of each batch, the quota of each job.
//!
//! A row, its entry in a list and the use of the quota change in one transaction, so neither list
//! nor quota can drift. The object is written before the row and deleted after it: what a crash
//! leaves is an object nobody points at, never a row without bytes.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, Versioned, decode, encode, key_item, n, number};
use crate::keys::{self, Key};
use crate::pause;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::artifact::Artifact;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Prefix of the objects of artifacts.
pub const OBJECT_PREFIX: &str = "artifacts/";

/// Key of the object of an artifact; `secret` keeps it from being guessed.
pub fn object_key(id: u64, secret: &str) -> String {
    format!("{OBJECT_PREFIX}{}-{secret}", keys::number(id))
}

/// The artifact an object belongs to.
pub fn id_of_object(key: &str) -> Option<u64> {
    let name = key.strip_prefix(OBJECT_PREFIX)?;
    name.split_once('-')?.0.parse().ok()
}

/// Refusal of an id that another artifact has, which hardly ever happens: its object is named
/// after it, so another cannot be drawn here.
pub(crate) fn id_taken() -> StoreError {
    StoreError::Busy("another artifact has this id".into())
}

/// Rounds after lost races for a job's quota.
pub(crate) const ROUNDS: u32 = 20;
/// Longest pause after the first lost race, milliseconds.
pub(crate) const FIRST_PAUSE_MS: u64 = 10;

/// What the artifacts of one job, or of a batch as a whole, may be or are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// How many.
    pub count: u64,
    /// Bytes together.
    pub bytes: u64,
}

impl Usage {
    /// With one more file of `bytes`.
    pub(crate) fn with(self, bytes: u64) -> Self {
        Self {
            count: self.count + 1,
            bytes: self.bytes.saturating_add(bytes),
        }
    }

    fn without(self, bytes: u64) -> Self {
        Self {
            count: self.count.saturating_sub(1),
            bytes: self.bytes.saturating_sub(bytes),
        }
    }

    /// Whether one more file of `bytes` stays within `quota`.
    pub fn has_room(self, bytes: u64, quota: Self) -> bool {
        let after = self.with(bytes);
        after.count <= quota.count && after.bytes <= quota.bytes
    }
}

/// Outcome of adding an artifact.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// It is stored as given here, with the id it got.
    Done(Box<Artifact>),
    /// The quota has no room for it.
    OverQuota,
}

/// The list and quota an artifact counts to.
pub(crate) fn place(artifact: &Artifact) -> (&str, &str) {
    let job = artifact.job_id.as_deref().unwrap_or_default();
    (artifact.batch_id.as_deref().unwrap_or_default(), job)
}

pub(crate) fn row_write(artifact: &Artifact, rev: Option<u64>) -> Result<Write, StoreError> {
    let mut item = encode(
        &keys::artifact(artifact.id),
        rev.map_or(1, |rev| rev + 1),
        artifact,
    )?;
    expire(&mut item, artifact);
    Ok(Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev)))
}

pub(crate) fn entry_write(key: &Key, artifact: &Artifact) -> Write {
    let mut item = key_item(key);
    item.insert("id".into(), n(artifact.id));
    expire(&mut item, artifact);
    Write::Put(item, Expect::Anything)
}

fn expire(item: &mut Item, artifact: &Artifact) {
    if let Some(at) = artifact.expires_at {
        item.insert(TTL.into(), n(at.secs()));
    }
}

pub(crate) fn usage_write(key: &Key, usage: Usage, rev: Option<u64>) -> Result<Write, StoreError> {
    let item = encode(key, rev.map_or(1, |rev| rev + 1), &usage)?;
    Ok(Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev)))
}

impl Store {
    /// An artifact, unless its time is over.
    pub async fn artifact(
        &self,
        id: u64,
        now: Timestamp,
    ) -> Result<Option<Versioned<Artifact>>, StoreError> {
        let item = self.table.get(&keys::artifact(id)).await?;
        let found: Option<Versioned<Artifact>> = item.as_ref().map(decode).transpose()?;
        Ok(found.filter(|found| found.value.expires_at.is_none_or(|at| at > now)))
    }

    /// What a job's artifacts use of their quota.
    pub async fn artifact_usage(&self, batch: &str, job: &str) -> Result<Usage, StoreError> {
        Ok(self.usage(&keys::artifact_usage(batch, job)).await?.0)
    }

    /// What the artifacts of a batch and of all its jobs use.
    pub async fn batch_artifact_usage(&self, batch: &str) -> Result<Usage, StoreError> {
        let range = self.table.partition(&keys::artifacts_partition(batch));
        let mut all = Usage::default();
        for item in range.prefix(keys::ARTIFACT_USAGE_PREFIX).all().await? {
            let usage: Usage = decode(&item)?.value;
            all.count += usage.count;
            all.bytes += usage.bytes;
        }
        Ok(all)
    }

    pub(crate) async fn usage(&self, key: &Key) -> Result<(Usage, Option<u64>), StoreError> {
        let Some(item) = self.table.get(key).await? else {
            return Ok((Usage::default(), None));
        };
        let found: Versioned<Usage> = decode(&item)?;
        Ok((found.value, Some(found.rev)))
    }

    /// Stores an artifact in the list of its batch. `rev` is the revision of its row if it was
    /// announced before.
    pub async fn add_artifact(
        &self,
        artifact: Artifact,
        rev: Option<u64>,
        quota: Usage,
    ) -> Result<Kept, StoreError> {
        for round in 0..ROUNDS {
            let (batch, job) = place(&artifact);
            let usage_key = keys::artifact_usage(batch, job);
            let (usage, usage_rev) = self.usage(&usage_key).await?;
            if !usage.has_room(artifact.size_bytes, quota) {
                return Ok(Kept::OverQuota);
            }
            let entry = keys::artifact_entry(batch, job, artifact.id);
            let after = usage.with(artifact.size_bytes);
            let writes = vec![
                row_write(&artifact, rev)?,
                usage_write(&usage_key, after, usage_rev)?,
                entry_write(&entry, &artifact),
            ];
            match self.table.transact(writes).await {
                Ok(()) => return Ok(Kept::Done(Box::new(artifact))),
                Err(StoreError::ConditionAt(0)) if rev.is_some() => {
                    return Err(StoreError::Conflict);
                }
                Err(StoreError::ConditionAt(0)) => return Err(id_taken()),
                Err(StoreError::ConditionAt(_)) => {
                    pause::after_lost_race(round, FIRST_PAUSE_MS).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("lost every race for this job".into()))
    }

    /// Stores the row of an artifact whose bytes are still to come; it is in no list.
    pub async fn announce_artifact(&self, artifact: &Artifact) -> Result<(), StoreError> {
        match self.table.write(row_write(artifact, None)?).await {
            Err(StoreError::Conflict) => Err(id_taken()),
            done => done,
        }
    }

    /// Forgets an artifact, with its audit row; false when somebody else was faster.
    pub async fn remove_artifact(
        &self,
        found: &Versioned<Artifact>,
        audit: &Write,
    ) -> Result<bool, StoreError> {
        let artifact = &found.value;
        let (batch, job) = place(artifact);
        for round in 0..ROUNDS {
            let row = keys::artifact(artifact.id);
            let mut writes = vec![Write::Delete(row, Expect::Rev(found.rev))];
            if artifact.parked {
                let entry = keys::parked(artifact.uploader, artifact.id);
                writes.push(Write::Delete(entry, Expect::Anything));
            } else if !artifact.pending {
                let key = keys::artifact_usage(batch, job);
                let (usage, rev) = self.usage(&key).await?;
                writes.push(usage_write(&key, usage.without(artifact.size_bytes), rev)?);
                let entry = keys::artifact_entry(batch, job, artifact.id);
                writes.push(Write::Delete(entry, Expect::Anything));
            }
            writes.push(audit.clone());
            match self.table.transact(writes).await {
                Ok(()) => return Ok(true),
                Err(StoreError::ConditionAt(0)) => return Ok(false),
                Err(StoreError::ConditionAt(_)) => {
                    pause::after_lost_race(round, FIRST_PAUSE_MS).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("lost every race for this job".into()))
    }

    /// The artifacts of a batch, or of one of its jobs; oldest first.
    pub async fn artifacts_of(
        &self,
        batch: &str,
        job: Option<&str>,
    ) -> Result<Vec<Artifact>, StoreError> {
        let prefix = match job {
            Some(job) => keys::artifacts_of_job(job),
            None => keys::ARTIFACT_PREFIX.to_owned(),
        };
        let partition = keys::artifacts_partition(batch);
        let entries = self.table.partition(&partition).prefix(&prefix).all();
        self.rows_of(&entries.await?).await
    }

    pub(crate) async fn rows_of(&self, entries: &[Item]) -> Result<Vec<Artifact>, StoreError> {
        let keys: Vec<Key> = entries
            .iter()
            .filter_map(|entry| number(entry, "id"))
            .map(keys::artifact)
            .collect();
        let items = self.table.get_many(&keys).await?;
        let mut rows = items
            .iter()
            .map(|item| decode(item).map(|found| found.value))
            .collect::<Result<Vec<Artifact>, _>>()?;
        rows.sort_by_key(|artifact| (artifact.created_at, artifact.id));
        Ok(rows)
    }
}
