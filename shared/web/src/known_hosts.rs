//! Which hosts the caller knows: those of their batches, or all of them for administrators; and
//! how a host is doing.

use crate::error::{ApiError, ApiResult};
use crate::snapshots::{self, Wish};
use domain::time::Timestamp;
use runtime::{Identity, Services};
use std::collections::BTreeMap;
use store::hosts::HostEntry;
use store::{Store, StoreError};
use wire::Code;
use wire::snapshot::Gauges;

/// Every known host by name; more than one entry where batches of several owners ran.
pub async fn all(
    services: &Services,
    who: &Identity,
) -> ApiResult<BTreeMap<String, Vec<HostEntry>>> {
    let store = &services.store;
    let entries = match who.user.is_admin {
        true => store.all_hosts().await?,
        false => store.hosts_of(who.user.id).await?,
    };
    Ok(by_name(store, entries).await?)
}

/// Entries by host name, without the hosts an administrator deleted.
pub async fn by_name(
    store: &Store,
    entries: Vec<HostEntry>,
) -> Result<BTreeMap<String, Vec<HostEntry>>, StoreError> {
    let hidden = store.hidden_hosts().await?;
    let mut by_name: BTreeMap<String, Vec<HostEntry>> = BTreeMap::new();
    for entry in entries {
        if !hidden.contains(&entry.of.host) {
            let name = entry.of.host.clone();
            by_name.entry(name).or_default().push(entry);
        }
    }
    Ok(by_name)
}

/// Server time of the newest sign of life among the entries of one host, a minute coarse.
pub fn last_seen(entries: &[HostEntry]) -> Timestamp {
    let seen = entries.iter().map(|entry| entry.last_seen).max();
    seen.unwrap_or(Timestamp(0))
}

/// The newest gauges among the entries of one host.
pub async fn newest_gauges(store: &Store, entries: &[HostEntry]) -> Result<Gauges, StoreError> {
    let wish = Wish {
        since: None,
        before: None,
        limit: 1,
    };
    let (newest, _) = snapshots::newest(store, entries, &wish).await?;
    let newest = newest.into_iter().next();
    Ok(newest.map_or_else(Gauges::default, |row| row.view().gauges))
}

/// One known host; empty when it is unknown, somebody else's or hidden.
pub async fn find(services: &Services, who: &Identity, host: &str) -> ApiResult<Vec<HostEntry>> {
    let store = &services.store;
    if store.is_host_hidden(host).await? {
        return Ok(vec![]);
    }
    match who.user.is_admin {
        true => Ok(store.owners_of_host(host).await?),
        false => {
            let entry = store.host_of(who.user.id, host).await?;
            Ok(entry.into_iter().collect())
        }
    }
}

/// One known host, or the answer that there is none.
pub async fn one(services: &Services, who: &Identity, host: &str) -> ApiResult<Vec<HostEntry>> {
    match find(services, who, host).await? {
        none if none.is_empty() => Err(ApiError::new(Code::HostNotFound)),
        entries => Ok(entries),
    }
}
