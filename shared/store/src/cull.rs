//! Removing many things: counted first, so that a look without removing says the same.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, size};
use crate::keys::Key;
use crate::table::{Expect, Write};
use domain::time::Timestamp;
use futures::stream::{StreamExt, TryStreamExt, iter};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Writes under way at the same time.
const SIDE_BY_SIDE: usize = 16;

/// What was removed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many, by the word for what.
    pub counts: BTreeMap<&'static str, u64>,
    /// Bytes of rows and objects together.
    pub bytes: u64,
    /// Arrival of the oldest.
    pub oldest: Option<Timestamp>,
}

impl Tally {
    /// Counts `many` of something.
    pub fn add(&mut self, what: &'static str, many: u64) {
        *self.counts.entry(what).or_default() += many;
    }

    /// How many there are of something.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }
}

/// A removal under way.
#[derive(Debug, Default)]
pub struct Cull {
    /// Only look.
    pub dry: bool,
    /// When to stop; what is left is for the next time.
    pub deadline: Option<Instant>,
    /// What was removed so far.
    pub tally: Tally,
}

impl Cull {
    /// Whether to stop here.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// Notes the age of something removed.
    pub(crate) fn seen(&mut self, at: Timestamp) {
        let oldest = self.tally.oldest.map_or(at, |oldest| oldest.min(at));
        self.tally.oldest = Some(oldest);
    }

    /// Removes rows.
    pub(crate) async fn rows(
        &mut self,
        store: &Store,
        what: &'static str,
        items: &[Item],
    ) -> Result<(), StoreError> {
        self.tally.add(what, items.len() as u64);
        self.tally.bytes += items.iter().map(size).sum::<u64>();
        let keys = crate::item::keys_of(items)?;
        self.delete(store, keys).await
    }

    /// Removes rows that were counted.
    pub(crate) async fn delete(&self, store: &Store, keys: Vec<Key>) -> Result<(), StoreError> {
        let deletes = keys
            .into_iter()
            .map(|key| vec![Write::Delete(key, Expect::Anything)]);
        self.carry_out(store, deletes.collect()).await
    }

    /// Carries out groups of writes, each all or nothing, several at once.
    pub(crate) async fn carry_out(
        &self,
        store: &Store,
        groups: Vec<Vec<Write>>,
    ) -> Result<(), StoreError> {
        if self.dry {
            return Ok(());
        }
        let table = &store.table;
        let writes = groups.into_iter().map(|mut group| async move {
            match (group.len(), group.pop()) {
                (1, Some(write)) => table.write(write).await,
                (_, Some(last)) => {
                    group.push(last);
                    table.transact(group).await
                }
                (_, None) => Ok(()),
            }
        });
        iter(writes.collect::<Vec<_>>())
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await
    }

    /// Removes objects, of so many bytes.
    pub(crate) async fn objects(
        &mut self,
        store: &Store,
        what: &'static str,
        objects: &[(String, u64)],
    ) -> Result<(), StoreError> {
        self.tally.add(what, objects.len() as u64);
        self.tally.bytes += objects.iter().map(|(_, bytes)| bytes).sum::<u64>();
        if self.dry {
            return Ok(());
        }
        let deletes = objects.iter().map(|(key, _)| store.blobs.delete(key));
        iter(deletes.collect::<Vec<_>>())
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await
    }
}
