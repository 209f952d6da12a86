//! Removing all that is stored of a deleted batch.
//!
//! The batch is marked first, which ends the time in which it can be restored, and its own row
//! goes last: whatever stops a removal, the next one finds the row, begins anew and passes over
//! what is gone already. Objects go before the rows that name them. Two at once do the same twice.

use crate::Store;
use crate::batches::{batch_write, project_key};
use crate::cull::Cull;
use crate::deleted::Deleted;
use crate::error::StoreError;
use crate::grants::Grant;
use crate::item::{Item, decode, keys_of, number, text};
use crate::keys::{self, Key};
use crate::range::Range;
use crate::schema::GSI1;
use crate::table::{Expect, Write};
use domain::artifact::Artifact;
use domain::batch::Batch;
use domain::event::Detail;
use domain::mark::{Pin, StarTarget};
use domain::time::Timestamp;
use std::collections::HashSet;

/// Rows removed together.
const PAGE: usize = 200;
/// Seconds without news after which a script counts as gone: what still reports would only come
/// back in pieces.
const QUIET_SECS: i64 = 600;
/// People whose marks are looked for together: three rows each.
const PEOPLE: usize = 33;
/// Word for rows of batches.
const ROWS: &str = "rows";

/// How far a removal got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purged {
    /// Nothing of it is left.
    Done,
    /// Time was up, or somebody changed it meanwhile: the next sweep goes on.
    Unfinished,
}

impl Store {
    /// Removes all that is stored of a deleted batch, as far as time allows.
    pub async fn purge_batch(
        &self,
        entry: &Deleted,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<Purged, StoreError> {
        let found = self.batch(&entry.id).await?;
        let dead = found.filter(|found| found.value.deleted_at == Some(entry.at));
        let Some(found) = dead else {
            // Gone, or alive again, or deleted once more: this entry says nothing.
            cull.delete(self, vec![entry.key()]).await?;
            return Ok(Purged::Done);
        };
        let (mut batch, mut rev) = (found.value, found.rev);
        if now.secs() - batch.last_event_at.secs() < QUIET_SECS {
            return Ok(Purged::Unfinished);
        }
        if !batch.purging {
            batch.purging = true;
            let mark = vec![batch_write(&batch, Some(rev))?];
            match cull.carry_out(self, vec![mark]).await {
                Ok(()) => rev += 1,
                Err(StoreError::Conflict) => return Ok(Purged::Unfinished),
                Err(error) => return Err(error),
            }
        }
        cull.seen(batch.created_at);
        if !self.purge_artifacts(&batch.id, cull).await?
            || !self.purge_streams(&batch.id, cull).await?
            || !self.purge_marks(&batch.id, cull).await?
            || !self.purge_partition(&batch, cull).await?
        {
            return Ok(Purged::Unfinished);
        }
        let last = vec![
            Write::Delete(keys::batch(&batch.id), Expect::Rev(rev)),
            Write::Delete(entry.key(), Expect::Anything),
            Write::Delete(keys::active(&batch.id), Expect::Anything),
        ];
        match cull.carry_out(self, vec![last]).await {
            Ok(()) => {
                cull.tally.add("batches", 1);
                Ok(Purged::Done)
            }
            // Its script still reports.
            Err(StoreError::ConditionAt(_)) => Ok(Purged::Unfinished),
            Err(error) => Err(error),
        }
    }

    /// Removes a whole part of a partition; false when time was up.
    pub(crate) async fn purge_range(
        &self,
        range: impl Fn() -> Range,
        cull: &mut Cull,
    ) -> Result<bool, StoreError> {
        let mut after: Option<String> = None;
        loop {
            let range = match &after {
                Some(sk) => range().after(sk),
                None => range(),
            };
            let page = range.take(PAGE).await?;
            cull.rows(self, ROWS, &page).await?;
            after = last_sk(&page);
            if after.is_none() {
                return Ok(true);
            }
            if cull.is_over() {
                return Ok(false);
            }
        }
    }

    async fn purge_artifacts(&self, batch: &str, cull: &mut Cull) -> Result<bool, StoreError> {
        let pk = keys::artifacts_partition(batch);
        let mut after: Option<String> = None;
        loop {
            let range = self.table.partition(&pk);
            let range = match &after {
                Some(sk) => range.after(sk),
                None => range,
            };
            let page = range.take(PAGE).await?;
            let ids = page.iter().filter_map(|entry| number(entry, "id"));
            let wanted: Vec<Key> = ids.map(keys::artifact).collect();
            let rows = self.table.get_many(&wanted).await?;
            let mut objects = Vec::with_capacity(rows.len());
            for row in &rows {
                let artifact: Artifact = decode(row)?.value;
                objects.push((artifact.object, artifact.size_bytes));
            }
            cull.objects(self, "objects", &objects).await?;
            cull.rows(self, ROWS, &rows).await?;
            cull.rows(self, ROWS, &page).await?;
            after = last_sk(&page);
            if after.is_none() {
                return Ok(true);
            }
            if cull.is_over() {
                return Ok(false);
            }
        }
    }

    async fn purge_streams(&self, batch: &str, cull: &mut Cull) -> Result<bool, StoreError> {
        let jobs = self.jobs_of_batch(batch).await?;
        let jobs = jobs.iter().map(|job| job.id.as_str()).chain([""]);
        let mut streams = vec![
            keys::chunk_partition(Detail::Snapshots, batch, ""),
            keys::feed_partition(batch),
        ];
        for job in jobs {
            streams.push(keys::chunk_partition(Detail::Epochs, batch, job));
            streams.push(keys::chunk_partition(Detail::Logs, batch, job));
        }
        for pk in &streams {
            if !self.purge_range(|| self.table.partition(pk), cull).await? {
                return Ok(false);
            }
        }
        // Lines may name a job nobody ever heard of; only the index finds those.
        let listed: HashSet<String> = streams.into_iter().collect();
        let mut after = String::new();
        loop {
            let entries = self.table.index(GSI1, &keys::logs_of_batch(batch));
            let entries = entries.after(&after).take(PAGE).await?;
            let mut left = keys_of(&entries)?;
            left.retain(|key| !listed.contains(&key.pk));
            let left = self.table.get_many(&left).await?;
            cull.rows(self, ROWS, &left).await?;
            match entries.last().filter(|_| entries.len() == PAGE) {
                Some(last) => after = text(last, "gsi1sk")?.to_owned(),
                None => return Ok(true),
            }
            if cull.is_over() {
                return Ok(false);
            }
        }
    }

    /// What people marked: mails they want of it, stars, pins.
    async fn purge_marks(&self, batch: &str, cull: &mut Cull) -> Result<bool, StoreError> {
        let mut after = String::new();
        loop {
            let range = self.table.partition(keys::USERS).after(&after);
            let page = range.take(PEOPLE).await?;
            let mut wanted = Vec::with_capacity(3 * page.len());
            for entry in &page {
                let sk = text(entry, "sk")?;
                after = sk.to_owned();
                let Ok(user) = sk.parse::<u64>() else {
                    continue;
                };
                wanted.push(keys::batch_wish(user, batch));
                wanted.push(keys::star(user, StarTarget::Batch, batch));
                wanted.push(keys::pins(user));
            }
            let found = self.table.get_many(&wanted).await?;
            let (pins, marks): (Vec<Item>, Vec<Item>) = found.into_iter().partition(is_pins);
            cull.rows(self, ROWS, &marks).await?;
            for item in pins {
                self.unpin(&item, batch, cull).await?;
            }
            if page.len() < PEOPLE {
                return Ok(true);
            }
            if cull.is_over() {
                return Ok(false);
            }
        }
    }

    async fn unpin(&self, item: &Item, batch: &str, cull: &mut Cull) -> Result<(), StoreError> {
        let found = decode::<Vec<Pin>>(item)?;
        let mut pins = found.value;
        let before = pins.len();
        pins.retain(|pin| pin.batch_id != batch);
        if pins.len() == before || cull.dry {
            return Ok(());
        }
        let key = keys_of(std::slice::from_ref(item))?.swap_remove(0);
        let item = crate::item::encode(&key, found.rev + 1, &pins)?;
        let put = Write::Put(item, Expect::Rev(found.rev));
        match self.table.write(put).await {
            // Somebody pins at this moment; a pin of what is gone gives way by itself.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Jobs, markers, shares, links and whatever else lies beside the summary, which stays, and
    /// its entry in the project.
    async fn purge_partition(&self, batch: &Batch, cull: &mut Cull) -> Result<bool, StoreError> {
        let entry = self.table.get(&project_key(batch)).await?;
        cull.rows(self, ROWS, entry.as_slice()).await?;
        let pk = keys::batch_partition(&batch.id);
        let own = keys::batch(&batch.id).sk;
        let mut after: Option<String> = None;
        loop {
            let range = self.table.partition(&pk);
            let range = match &after {
                Some(sk) => range.after(sk),
                None => range,
            };
            let mut page = range.take(PAGE).await?;
            after = last_sk(&page);
            page.retain(|item| text(item, "sk").is_ok_and(|sk| sk != own));
            let mut others = Vec::new();
            for item in &page {
                others.extend(self.other_halves(item).await?);
            }
            cull.delete(self, others).await?;
            cull.rows(self, ROWS, &page).await?;
            if after.is_none() {
                return Ok(true);
            }
            if cull.is_over() {
                return Ok(false);
            }
        }
    }

    /// Rows elsewhere that belong to one in a batch's partition.
    async fn other_halves(&self, item: &Item) -> Result<Vec<Key>, StoreError> {
        let sk = text(item, "sk")?;
        if sk.starts_with(keys::SHARE_PREFIX) {
            let grant: Grant = decode(item)?.value;
            return Ok(grant.keys().to_vec());
        }
        if !sk.starts_with(keys::LINK_PREFIX) {
            return Ok(vec![]);
        }
        let slug = text(item, "slug")?;
        let link = self.link(slug).await?;
        Ok(link.map_or_else(Vec::new, |(link, _)| link_keys(&link)))
    }
}

fn link_keys(link: &domain::link::PublicLink) -> Vec<Key> {
    vec![
        keys::link_of_user(link.created_by, &link.slug),
        keys::link(&link.slug),
    ]
}

fn is_pins(item: &Item) -> bool {
    text(item, "sk").is_ok_and(|sk| sk == keys::pins(0).sk)
}

/// Where a page of a partition ended; `None` when it was the last.
pub(crate) fn last_sk(page: &[Item]) -> Option<String> {
    let last = page.last().filter(|_| page.len() == PAGE)?;
    text(last, "sk").ok().map(str::to_owned)
}
