//! Until when detail is kept: set when it arrives, put off while its batch runs, set anew when an
//! administrator changes the days.
//!
//! A table deletes what is past its `ttl` without asking anybody, so the `ttl` of a running
//! batch's detail must never come near. What it comes to at the earliest lies in a row beside the
//! batch, so that a look at a batch that needs none costs one small read.

use crate::Store;
use crate::cull::Cull;
use crate::error::{StoreError, classify};
use crate::item::{Item, bytes, decode, encode, expiry, key_item, keys_of, n, number, size, text};
use crate::keys::{self, Key};
use crate::range::Range;
use crate::schema::{GSI1, TTL};
use crate::table::{Expect, Write};
use domain::batch::Batch;
use domain::event::Detail;
use domain::retention::{Life, Retention, Rule};
use domain::time::Timestamp;
use futures::stream::{StreamExt, TryStreamExt, iter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows looked at together.
const PAGE: usize = 100;
/// Writes under way at the same time.
const SIDE_BY_SIDE: usize = 16;
/// Word for rows that are kept for longer or shorter than before.
const RETIMED: &str = "retimed";
/// What is looked at by itself. Snapshots of the demo host lie among the others.
const PARTS: [Rule; 4] = [
    Rule::Epochs,
    Rule::LogLines,
    Rule::Snapshots,
    Rule::OtherEvents,
];

/// Until when the detail of a batch is kept at least.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Days by which it was looked at.
    by: Retention,
    /// The earliest end, by part.
    until: BTreeMap<String, Timestamp>,
}

/// The rule of a part for the host a batch runs on.
fn rule_of(part: Rule, batch: &Batch) -> Rule {
    match part {
        Rule::Snapshots => Rule::of(Detail::Snapshots, batch.host.as_deref()),
        other => other,
    }
}

impl Kept {
    /// Whether a part has to be looked at. `settled`: everything stored is kept by the days in
    /// force, so a batch without a row of its own has nothing that ends before its first event.
    fn is_due(found: Option<&Self>, part: Rule, look: &Look<'_>, settled: bool) -> bool {
        let until = match found {
            Some(kept) if kept.by == *look.by => kept.until.get(part.as_str()).copied(),
            Some(_) => return true,
            None if !settled => return true,
            None => None,
        };
        let Some(secs) = look.by.secs(rule_of(part, look.batch)) else {
            return false;
        };
        let until = until.unwrap_or_else(|| look.batch.created_at.plus_secs(secs));
        until < look.now.plus_secs(secs / 2)
    }
}

/// A look at one batch.
struct Look<'a> {
    batch: &'a Batch,
    by: &'a Retention,
    life: Life,
    now: Timestamp,
}

impl Store {
    /// Puts off the end of what running batches need. What is left when time is up is due again
    /// the next time.
    pub async fn hold_running(
        &self,
        by: &Retention,
        settled: bool,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<(), StoreError> {
        let active = self.active_batches().await?;
        for some in active.chunks(PAGE) {
            let ids: Vec<String> = some.iter().map(|batch| batch.id.clone()).collect();
            let batches = self.batches(&ids).await?;
            let wanted: Vec<Key> = ids.iter().map(|id| keys::kept(id)).collect();
            let mut rows = BTreeMap::new();
            for item in self.table.get_many(&wanted).await? {
                rows.insert(text(&item, "pk")?.to_owned(), decode::<Kept>(&item)?.value);
            }
            for batch in batches.values() {
                let life = Life::of(batch, now);
                if life != Life::Runs || batch.deleted_at.is_some() {
                    continue;
                }
                let look = Look {
                    batch,
                    by,
                    life,
                    now,
                };
                let row = rows.get(&keys::batch_partition(&batch.id));
                let due = |part: &Rule| Kept::is_due(row, *part, &look, settled);
                let parts: Vec<Rule> = PARTS.into_iter().filter(due).collect();
                if !parts.is_empty() && !self.review(&look, &parts, row, cull).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Keeps all detail of a batch as the days in force say; false when time was up.
    pub async fn review_batch(
        &self,
        batch: &Batch,
        by: &Retention,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<bool, StoreError> {
        let life = Life::of(batch, now);
        let look = Look {
            batch,
            by,
            life,
            now,
        };
        self.review(&look, &PARTS, None, cull).await
    }

    async fn review(
        &self,
        look: &Look<'_>,
        parts: &[Rule],
        before: Option<&Kept>,
        cull: &mut Cull,
    ) -> Result<bool, StoreError> {
        let same = before.filter(|kept| kept.by == *look.by);
        let mut until = same.map(|kept| kept.until.clone()).unwrap_or_default();
        for part in parts {
            let Some(earliest) = self.review_part(look, *part, cull).await? else {
                return Ok(false);
            };
            until.insert(part.as_str().to_owned(), earliest);
        }
        if look.life == Life::Runs && !cull.dry {
            let by = *look.by;
            let item = encode(&keys::kept(&look.batch.id), 1, &Kept { by, until })?;
            self.table.write(Write::Put(item, Expect::Anything)).await?;
        }
        Ok(true)
    }

    /// The earliest end of a part after the look; `None` when time was up.
    async fn review_part(
        &self,
        look: &Look<'_>,
        part: Rule,
        cull: &mut Cull,
    ) -> Result<Option<Timestamp>, StoreError> {
        let id = &look.batch.id;
        // What arrives from now on ends later than this.
        let secs = look.by.secs(rule_of(part, look.batch));
        let mut earliest = look.now.plus_secs(secs.unwrap_or(i64::MAX / 2000));
        let mut ranges = Vec::new();
        match part {
            Rule::Epochs => {
                for job in self.jobs_of_batch(id).await? {
                    ranges.push((keys::chunk_partition(Detail::Epochs, id, &job.id), None));
                }
            }
            Rule::LogLines => ranges.push((keys::logs_of_batch(id), Some(GSI1))),
            Rule::Snapshots | Rule::DemoSnapshots => {
                ranges.push((keys::chunk_partition(Detail::Snapshots, id, ""), None));
            }
            Rule::OtherEvents => ranges.push((keys::batch_partition(id), None)),
        }
        for (pk, index) in ranges {
            let mut after = match part {
                Rule::OtherEvents => Some(keys::MARKER_PREFIX.to_owned()),
                _ => None,
            };
            loop {
                let start = || self.start(&pk, index);
                let range = match &after {
                    Some(sk) => start().after(sk),
                    None => start(),
                };
                let entries = range.take(PAGE).await?;
                let name = if index.is_some() { "gsi1sk" } else { "sk" };
                let last = entries.last().filter(|_| entries.len() == PAGE);
                after = last
                    .map(|item| text(item, name).map(str::to_owned))
                    .transpose()?;
                let mut items = match index {
                    Some(_) => self.table.get_many(&keys_of(&entries)?).await?,
                    None => entries,
                };
                if part == Rule::OtherEvents {
                    let whole = items.len();
                    items.retain(is_marker);
                    after = after.filter(|_| items.len() == whole);
                }
                let least = self.keep(look, part, items, cull).await?;
                earliest = least.map_or(earliest, |least| earliest.min(least));
                if cull.is_over() {
                    return Ok(None);
                }
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(Some(earliest))
    }

    fn start(&self, pk: &str, index: Option<&str>) -> Range {
        match index {
            Some(index) => self.table.index(index, pk),
            None => self.table.partition(pk),
        }
    }

    /// Sets until when each of `items` is kept, and removes those whose time is over; returns the
    /// earliest end of the others.
    async fn keep(
        &self,
        look: &Look<'_>,
        part: Rule,
        items: Vec<Item>,
        cull: &mut Cull,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut over = Vec::new();
        let mut changed = Vec::new();
        let mut earliest: Option<Timestamp> = None;
        for item in items {
            let rule = match (part, text(&item, "host")) {
                (Rule::Snapshots, Ok(host)) => Rule::of(Detail::Snapshots, Some(host)),
                _ => part,
            };
            let arrived = number(&item, "ra").and_then(|ms| i64::try_from(ms).ok());
            let arrived = Timestamp(arrived.unwrap_or(0));
            let until = expiry(&item);
            let due = look.by.due(rule, arrived, until, look.life, look.now);
            if due.is_some_and(|due| due <= look.now) {
                cull.tally.add(rule.as_str(), events(&item));
                cull.tally.bytes += size(&item);
                cull.seen(arrived);
                over.push(item);
                continue;
            }
            earliest = match (earliest, due) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            if due.map(Timestamp::secs) != until.map(Timestamp::secs) {
                changed.extend(
                    keys_of(std::slice::from_ref(&item))?
                        .pop()
                        .map(|key| (key, due)),
                );
            }
        }
        cull.delete(self, keys_of(&over)?).await?;
        cull.tally.add(RETIMED, changed.len() as u64);
        if !cull.dry {
            let writes = changed.iter().map(|(key, due)| self.expire(key, *due));
            iter(writes.collect::<Vec<_>>())
                .buffer_unordered(SIDE_BY_SIDE)
                .try_collect::<()>()
                .await?;
        }
        Ok(earliest)
    }

    /// Sets until when a row is kept, if it is still there.
    async fn expire(&self, key: &Key, until: Option<Timestamp>) -> Result<(), StoreError> {
        let update = self.table.client().update_item();
        let update = update
            .table_name(self.table.name())
            .set_key(Some(key_item(key)))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#ttl", TTL);
        let update = match until {
            Some(until) => update
                .update_expression("SET #ttl = :ttl")
                .expression_attribute_values(":ttl", n(until.secs())),
            None => update.update_expression("REMOVE #ttl"),
        };
        match update.send().await.map_err(classify) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn is_marker(item: &Item) -> bool {
    text(item, "sk").is_ok_and(|sk| sk.starts_with(keys::MARKER_PREFIX))
}

/// Events a row holds.
fn events(item: &Item) -> u64 {
    (bytes(item, "ids").len() as u64 / 8).max(1)
}
