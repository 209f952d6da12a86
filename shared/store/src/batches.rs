//! Batches, their jobs and markers.

use crate::Store;
use crate::deleted::deleted_write;
use crate::error::StoreError;
use crate::item::{Item, Versioned, decode, encode, key_item, n, number, s, text};
use crate::keys::{self, Key};
use crate::packed;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::account::UserId;
use domain::batch::Batch;
use domain::event::Event;
use domain::job::Job;
use domain::status::BatchStatus;
use domain::time::Timestamp;
use std::collections::HashMap;

/// Revision an item must have for a write built from it.
fn expect(rev: Option<u64>) -> Expect {
    rev.map_or(Expect::Absent, Expect::Rev)
}

/// Put of a batch summary; `rev` is the revision it was read at, `None` for a new one.
pub fn batch_write(batch: &Batch, rev: Option<u64>) -> Result<Write, StoreError> {
    let mut item = encode(&keys::batch(&batch.id), rev.map_or(1, |r| r + 1), batch)?;
    if batch.deleted_at.is_none() {
        let position = s(keys::batch_by_start(batch.start_time.at, &batch.id));
        if let Some(owner) = batch.owner_id {
            item.insert("gsi1pk".into(), s(keys::batches_of(owner)));
            item.insert("gsi1sk".into(), position.clone());
        }
        item.insert("gsi2pk".into(), s(keys::ALL_BATCHES));
        item.insert("gsi2sk".into(), position);
    }
    Ok(Write::Put(item, expect(rev)))
}

/// Keeps the index of active batches in step with `batch`; goes into the same transaction.
pub fn active_write(batch: &Batch) -> Write {
    let key = keys::active(&batch.id);
    if batch.status.is_active() && batch.deleted_at.is_none() {
        let mut item = key_item(&key);
        item.insert("id".into(), s(&batch.id));
        item.insert("project".into(), s(&batch.project));
        item.insert("enrolled".into(), AttributeValue::Bool(batch.enrolled));
        if let Some(owner) = batch.owner_id {
            item.insert("owner".into(), n(owner));
        }
        Write::Put(item, Expect::Anything)
    } else {
        Write::Delete(key, Expect::Anything)
    }
}

/// Notes that failed jobs of an ended batch are yet to be looked into; nothing for any other batch.
/// Goes into the same transaction.
pub fn failures_write(batch: &Batch) -> Option<Write> {
    let failed = batch.n_failed > 0 || batch.status == BatchStatus::Failed;
    let noted = failed && batch.status.is_terminal() && batch.deleted_at.is_none();
    let mut item = key_item(&keys::failures(&batch.id));
    item.insert("id".into(), s(&batch.id));
    noted.then_some(Write::Put(item, Expect::Anything))
}

/// Where `batch` is in its project.
pub fn project_key(batch: &Batch) -> Key {
    keys::project_batch(&batch.project, batch.start_time.at, &batch.id)
}

/// Entry of `batch` in its project: written once, with the batch itself.
pub fn project_entry(batch: &Batch) -> Write {
    let key = project_key(batch);
    let mut item = key_item(&key);
    if batch.enrolled {
        item.insert("gsi1pk".into(), s(keys::enrolled_batches(&batch.project)));
        item.insert("gsi1sk".into(), s(&key.sk));
    }
    if let Some(owner) = batch.owner_id {
        item.insert("gsi2pk".into(), s(keys::own_batches(&batch.project, owner)));
        item.insert("gsi2sk".into(), s(&key.sk));
    }
    Write::Put(item, Expect::Anything)
}

/// Put of a job summary, as [`batch_write`].
pub fn job_write(job: &Job, rev: Option<u64>) -> Result<Write, StoreError> {
    let item = encode(
        &keys::job(&job.batch_id, &job.id),
        rev.map_or(1, |r| r + 1),
        job,
    )?;
    Ok(Write::Put(item, expect(rev)))
}

/// Marker of a lifecycle event: its effects are stored exactly when this is. A repeat is
/// recognised as long as the marker is kept.
pub fn marker_write(event: &Event, row_id: u64, now: Timestamp, until: Option<Timestamp>) -> Write {
    let mut item = key_item(&keys::marker(&event.batch_id, &event.event_id));
    item.insert("id".into(), n(row_id));
    item.insert("type".into(), s(event.kind.as_str()));
    item.insert("at".into(), n(event.time.at.0));
    item.insert("ra".into(), n(now.0));
    if let Some(job) = &event.job_id {
        item.insert("job".into(), s(job));
    }
    if let Some(until) = until {
        item.insert(TTL.into(), n(until.secs()));
    }
    Write::Put(item, Expect::Absent)
}

/// Put of an environment snapshot (JSON text) by somebody; the first one wins.
pub fn env_write(batch: &str, json: &str, by: UserId) -> Write {
    let mut item = key_item(&keys::env(batch));
    item.insert("by".into(), n(by));
    item.insert(
        "z".into(),
        AttributeValue::B(Blob::new(packed::pack(json.as_bytes()))),
    );
    Write::Put(item, Expect::Anything)
}

impl Store {
    /// A batch, deleted ones included: the access rules decide.
    pub async fn batch(&self, id: &str) -> Result<Option<Versioned<Batch>>, StoreError> {
        self.table
            .get(&keys::batch(id))
            .await?
            .as_ref()
            .map(decode)
            .transpose()
    }

    /// The batches with these ids, deleted ones included; absent ones are left out.
    pub async fn batches(&self, ids: &[String]) -> Result<HashMap<String, Batch>, StoreError> {
        let keys: Vec<keys::Key> = ids.iter().map(|id| keys::batch(id)).collect();
        let mut found = HashMap::with_capacity(keys.len());
        for item in self.table.get_many(&keys).await? {
            let batch: Batch = decode(&item)?.value;
            found.insert(batch.id.clone(), batch);
        }
        Ok(found)
    }

    /// A job.
    pub async fn job(&self, batch: &str, job: &str) -> Result<Option<Versioned<Job>>, StoreError> {
        self.table
            .get(&keys::job(batch, job))
            .await?
            .as_ref()
            .map(decode)
            .transpose()
    }

    /// The jobs with these ids; absent ones are left out.
    pub async fn jobs(
        &self,
        batch: &str,
        ids: &[String],
    ) -> Result<HashMap<String, Versioned<Job>>, StoreError> {
        let keys: Vec<keys::Key> = ids.iter().map(|id| keys::job(batch, id)).collect();
        let items = self.table.get_many(&keys).await?;
        let mut jobs = HashMap::with_capacity(items.len());
        for item in &items {
            let job: Versioned<Job> = decode(item)?;
            jobs.insert(job.value.id.clone(), job);
        }
        Ok(jobs)
    }

    /// Every job of a batch, deleted ones included, in no order.
    pub async fn jobs_of_batch(&self, batch: &str) -> Result<Vec<Job>, StoreError> {
        let pk = keys::batch_partition(batch);
        let items = self
            .table
            .partition(&pk)
            .prefix(keys::JOB_PREFIX)
            .all()
            .await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// Up to `limit` jobs of a batch, deleted ones included, those after the cursor `after`, and
    /// the cursor to go on with when there may be more.
    pub async fn jobs_page(
        &self,
        batch: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Versioned<Job>>, Option<String>), StoreError> {
        let pk = keys::batch_partition(batch);
        let range = self.table.partition(&pk);
        let range = match after {
            Some(after) => range.after(after),
            None => range.prefix(keys::JOB_PREFIX),
        };
        let items = range.take(limit).await?;
        // Other rows of the partition follow the jobs.
        let is_job =
            |item: &&Item| text(item, "sk").is_ok_and(|sk| sk.starts_with(keys::JOB_PREFIX));
        let jobs: Vec<&Item> = items.iter().take_while(is_job).collect();
        let next = jobs.last().filter(|_| jobs.len() >= limit);
        let next = next.map(|item| text(item, "sk").map(str::to_owned));
        let found = jobs.into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok((found, next.transpose()?))
    }

    /// Row ids of those markers that exist, by event id.
    pub async fn markers(
        &self,
        batch: &str,
        event_ids: &[String],
    ) -> Result<HashMap<String, u64>, StoreError> {
        let by_key: HashMap<String, &String> = event_ids
            .iter()
            .map(|id| (keys::marker(batch, id).sk, id))
            .collect();
        let keys: Vec<keys::Key> = event_ids.iter().map(|id| keys::marker(batch, id)).collect();
        let mut found = HashMap::new();
        for item in self.table.get_many(&keys).await? {
            if let Some(id) = by_key.get(text(&item, "sk")?) {
                found.insert((*id).clone(), number(&item, "id").unwrap_or(0));
            }
        }
        Ok(found)
    }

    /// Environment snapshot as JSON text.
    pub async fn env_snapshot(&self, batch: &str) -> Result<Option<String>, StoreError> {
        let found = self.env_snapshot_by(batch).await?;
        Ok(found.map(|(json, _)| json))
    }

    /// As [`Store::env_snapshot`], with who reported it, where that was noted.
    pub async fn env_snapshot_by(
        &self,
        batch: &str,
    ) -> Result<Option<(String, Option<UserId>)>, StoreError> {
        let Some(item) = self.table.get(&keys::env(batch)).await? else {
            return Ok(None);
        };
        let json = packed::unpack(crate::item::bytes(&item, "z"))?;
        let json = String::from_utf8(json).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(Some((json, number(&item, "by"))))
    }

    /// Saves a changed batch with its entry in the index of active ones, and `also` with it.
    pub async fn save_batch(
        &self,
        batch: &Batch,
        rev: u64,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let mut writes = vec![batch_write(batch, Some(rev))?, active_write(batch)];
        writes.extend(deleted_write(batch));
        writes.extend(also);
        self.table.transact(writes).await
    }
}
