//! Watchdogs and what they report.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, keys_of, n, s};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::limits::WATCHDOG_RECORD_SECS;
use domain::time::Timestamp;
use domain::watchdog::{Record, RecordKind, Watchdog};
use futures::{StreamExt, TryStreamExt, stream};

/// Rounds of an update that loses races.
const ROUNDS: usize = 8;
/// Watchdogs of a list.
const MOST: usize = 500;
/// Records written at the same time.
const AT_ONCE: usize = 8;
/// Records looked through for one page of a kind.
const LOOKED: usize = 2_000;

impl Store {
    /// The watchdogs of a user.
    pub async fn watchdogs_of(&self, owner: UserId) -> Result<Vec<Watchdog>, StoreError> {
        let pk = keys::user_partition(owner);
        let range = self.table.partition(&pk).prefix(keys::WATCHDOG_PREFIX);
        let items = range.take(MOST).await?;
        items
            .iter()
            .map(|item| decode(item).map(|d| d.value))
            .collect()
    }

    /// The watchdogs on a host, whoever's.
    pub async fn watchdogs_on(&self, host: &str) -> Result<Vec<Watchdog>, StoreError> {
        let range = self.table.index("gsi1", &keys::watchdogs_on(host));
        let entries = range.take(MOST).await?;
        let items = self.table.get_many(&keys_of(&entries)?).await?;
        items
            .iter()
            .map(|item| decode(item).map(|d| d.value))
            .collect()
    }

    /// A watchdog.
    pub async fn watchdog(
        &self,
        owner: UserId,
        agent: &str,
    ) -> Result<Option<Versioned<Watchdog>>, StoreError> {
        let item = self.table.get(&keys::watchdog(owner, agent)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Changes a watchdog by a function that may run again on a newer version; `fresh` is what it
    /// begins as.
    pub async fn update_watchdog(
        &self,
        fresh: &Watchdog,
        also: &[Write],
        mut change: impl FnMut(&mut Watchdog),
    ) -> Result<Watchdog, StoreError> {
        let key = keys::watchdog(fresh.owner, &fresh.agent);
        for _ in 0..ROUNDS {
            let found = self.watchdog(fresh.owner, &fresh.agent).await?;
            let rev = found.as_ref().map(|found| found.rev);
            let before = found.map(|found| found.value);
            let mut dog = before.clone().unwrap_or_else(|| fresh.clone());
            change(&mut dog);
            if before.as_ref() == Some(&dog) && also.is_empty() {
                return Ok(dog);
            }
            let mut item = encode(&key, rev.map_or(1, |rev| rev + 1), &dog)?;
            item.insert("gsi1pk".into(), s(keys::watchdogs_on(&dog.host)));
            item.insert("gsi1sk".into(), s(&dog.agent));
            let put = Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev));
            let writes = std::iter::once(put).chain(also.iter().cloned()).collect();
            match self.table.transact(writes).await {
                Ok(()) => {
                    self.hub.daemon_changed(dog.owner, &dog.host);
                    return Ok(dog);
                }
                Err(StoreError::ConditionAt(0)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the watchdog keeps changing".into()))
    }

    /// Stores reports; returns those that are new. Repeating them stores nothing twice.
    pub async fn add_records(
        &self,
        owner: UserId,
        host: &str,
        records: Vec<Record>,
    ) -> Result<Vec<Record>, StoreError> {
        let puts = records.into_iter().map(|record| async move {
            let key = keys::watchdog_record(owner, host, record.at, &record.id);
            let mut item = encode(&key, 1, &record)?;
            let end = record.received_at.plus_secs(WATCHDOG_RECORD_SECS);
            item.insert(TTL.into(), n(end.secs()));
            match self.table.write(Write::Put(item, Expect::Absent)).await {
                Ok(()) => Ok(Some(record)),
                Err(StoreError::Conflict | StoreError::ConditionAt(_)) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let stored: Vec<Option<Record>> =
            stream::iter(puts).buffered(AT_ONCE).try_collect().await?;
        Ok(stored.into_iter().flatten().collect())
    }

    /// Up to `limit` records of somebody's watchdogs on a host, newest first, older than the cursor
    /// and none before `since`; of these kinds, or of all. With the cursor to go on with when there
    /// may be more.
    pub async fn records(
        &self,
        (owner, host): (UserId, &str),
        kinds: &[RecordKind],
        (since, before): (Option<Timestamp>, Option<&str>),
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<Record>, Option<String>), StoreError> {
        let pk = keys::watchdog_records(owner, host);
        let (mut found, mut position) = (vec![], before.map(str::to_owned));
        let mut looked = 0;
        loop {
            let range = self.table.partition(&pk).newest_first().alive(now);
            let range = match &position {
                Some(position) => range.below(position),
                None => range,
            };
            let items = range.take(limit).await?;
            looked += items.len();
            for item in &items {
                let record: Record = decode(item)?.value;
                if since.is_some_and(|since| record.at < since) {
                    return Ok((found, None));
                }
                position = Some(keys::watchdog_record(owner, host, record.at, &record.id).sk);
                if kinds.is_empty() || kinds.contains(&record.kind) {
                    found.push(record);
                }
                if found.len() >= limit {
                    return Ok((found, position));
                }
            }
            if items.len() < limit {
                return Ok((found, None));
            }
            if looked >= LOOKED {
                return Ok((found, position));
            }
        }
    }
}
