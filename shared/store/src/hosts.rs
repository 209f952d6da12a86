//! Hosts, found per owner of the batches that reported them, so that nobody sees a stranger's.

use crate::Store;
use crate::chunks::{Chunk, Order};
use crate::error::StoreError;
use crate::item::{Item, decode, encode, key_item, keys_of, n, number, s, text};
use crate::keys;
use crate::schema::GSI2;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::event::Detail;
use domain::limits::HOSTS_LISTED;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A host as the batches of one owner know it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnedHost {
    /// Owner of the batches.
    pub owner: UserId,
    /// Host name.
    pub host: String,
}

/// A host with its last sign of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostEntry {
    /// Which.
    #[serde(flatten)]
    pub of: OwnedHost,
    /// Server time of a snapshot, a minute coarse.
    pub last_seen: Timestamp,
}

impl OwnedHost {
    /// What [`Chunk::writes`] noted on a chunk.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        Some(Self {
            owner: number(item, "owner")?,
            host: text(item, "host").ok()?.to_owned(),
        })
    }
}

impl Store {
    /// Notes that a host was seen.
    pub async fn note_host(&self, of: &OwnedHost, now: Timestamp) -> Result<(), StoreError> {
        let entry = HostEntry {
            of: of.clone(),
            last_seen: now,
        };
        let mut item = encode(&keys::host(of.owner, &of.host), 1, &entry)?;
        item.insert("gsi2pk".into(), s(keys::ALL_HOSTS));
        item.insert("gsi2sk".into(), s(keys::host_by_name(of.owner, &of.host)));
        // The youngest sign of life is what counts, whoever wrote before.
        self.table.write(Write::Put(item, Expect::Anything)).await
    }

    /// The hosts of an owner's batches.
    pub async fn hosts_of(&self, owner: UserId) -> Result<Vec<HostEntry>, StoreError> {
        let pk = keys::hosts_of(owner);
        let items = self.table.partition(&pk).take(HOSTS_LISTED).await?;
        entries(&items)
    }

    /// One host of an owner's batches.
    pub async fn host_of(
        &self,
        owner: UserId,
        host: &str,
    ) -> Result<Option<HostEntry>, StoreError> {
        let item = self.table.get(&keys::host(owner, host)).await?;
        item.map(|item| decode(&item).map(|v| v.value)).transpose()
    }

    /// Those of `wanted` that are known.
    pub async fn host_entries(&self, wanted: &[OwnedHost]) -> Result<Vec<HostEntry>, StoreError> {
        let keys: Vec<keys::Key> = wanted
            .iter()
            .map(|of| keys::host(of.owner, &of.host))
            .collect();
        entries(&self.table.get_many(&keys).await?)
    }

    /// All hosts, once per owner.
    pub async fn all_hosts(&self) -> Result<Vec<HostEntry>, StoreError> {
        let range = self.table.index(GSI2, keys::ALL_HOSTS);
        let found = range.take(HOSTS_LISTED).await?;
        entries(&self.table.get_many(&keys_of(&found)?).await?)
    }

    /// A host, once per owner.
    pub async fn owners_of_host(&self, host: &str) -> Result<Vec<HostEntry>, StoreError> {
        let range = self.table.index(GSI2, keys::ALL_HOSTS);
        let range = range.prefix(&keys::owners_of_host(host));
        let found = range.take(HOSTS_LISTED).await?;
        entries(&self.table.get_many(&keys_of(&found)?).await?)
    }

    /// Hides a host for good, whoever reports from it, with the audit row.
    pub async fn hide_host(&self, host: &str, at: Timestamp, row: Write) -> Result<(), StoreError> {
        let mut item = key_item(&keys::hidden_host(host));
        item.insert("host".into(), s(host));
        item.insert("at".into(), n(at.0));
        let writes = vec![Write::Put(item, Expect::Anything), row];
        self.table.transact(writes).await
    }

    /// Whether a host is hidden.
    pub async fn is_host_hidden(&self, host: &str) -> Result<bool, StoreError> {
        Ok(self.table.get(&keys::hidden_host(host)).await?.is_some())
    }

    /// Names of all hidden hosts.
    pub async fn hidden_hosts(&self) -> Result<HashSet<String>, StoreError> {
        let items = self.table.partition(keys::HIDDEN_HOSTS).all().await?;
        let name = |item| text(item, "host").map(str::to_owned);
        items.iter().map(name).collect()
    }

    /// Up to `limit` newest snapshot chunks of a host below chunk id `before`, newest first.
    pub async fn newest_snapshots(
        &self,
        of: &OwnedHost,
        before: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        let pk = keys::snapshots_of_host(of.owner, &of.host);
        let read = |item: &Item| Chunk::read(item, Detail::Snapshots, text(item, "batch")?);
        let found = self.indexed((&pk, before), Order::NewestFirst, limit, now, read);
        let mut chunks = found.await?;
        chunks.sort_by(|a, b| (b.id, &b.stream.batch).cmp(&(a.id, &a.stream.batch)));
        Ok(chunks)
    }
}

fn entries(items: &[Item]) -> Result<Vec<HostEntry>, StoreError> {
    let entry = |item| decode(item).map(|v| v.value);
    items.iter().map(entry).collect()
}
