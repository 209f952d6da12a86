//! Which hosts the caller knows: those of their batches and of those shared with them, or all of
//! them for administrators; and how a host is doing.

use crate::error::{ApiError, ApiResult};
use crate::snapshots::{self, Wish};
use crate::visible;
use crate::{Scope, Sight};
use domain::account::UserId;
use domain::batch::Batch;
use domain::time::Timestamp;
use runtime::{Identity, Services};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use store::hosts::{HostEntry, OwnedHost};
use store::{Store, StoreError};
use wire::Code;
use wire::snapshot::Gauges;

/// A host as one owner's batches know it.
#[derive(Clone, Debug)]
pub struct KnownHost {
    /// Which, and when it was last seen.
    pub entry: HostEntry,
    /// The only batches whose snapshots count; `None`: all of this owner's.
    pub only: Option<Arc<HashSet<String>>>,
}

impl From<HostEntry> for KnownHost {
    fn from(entry: HostEntry) -> Self {
        Self { entry, only: None }
    }
}

/// Every known host by name; more than one entry where batches of several owners ran.
pub async fn all(
    services: &Services,
    who: &Identity,
) -> ApiResult<BTreeMap<String, Vec<KnownHost>>> {
    let store = &services.store;
    if who.user.is_admin {
        let all = store.all_hosts().await?.into_iter().map(KnownHost::from);
        return Ok(by_name(store, all.collect()).await?);
    }
    let own = store.hosts_of(who.user.id).await?;
    let mut hosts: Vec<KnownHost> = own.into_iter().map(KnownHost::from).collect();
    hosts.extend(shared(services, who, None).await?);
    Ok(by_name(store, hosts).await?)
}

/// The hosts others' batches ran on that the caller may see, or the one called `host`.
async fn shared(
    services: &Services,
    who: &Identity,
    host: Option<&str>,
) -> ApiResult<Vec<KnownHost>> {
    let mut sight = Sight::load(&services.store, Some(who.actor())).await?;
    let batches = visible::batches_in(services, &mut sight, None, Scope::Shared, None).await?;
    let batches = batches.iter().map(|batch| &batch.value);
    let batches =
        batches.filter(|batch| host.is_none_or(|host| batch.host.as_deref() == Some(host)));
    Ok(of_batches(&services.store, batches).await?)
}

/// The hosts some batches ran on, as far as these batches tell.
pub async fn of_batches<'a>(
    store: &Store,
    batches: impl Iterator<Item = &'a Batch>,
) -> Result<Vec<KnownHost>, StoreError> {
    let mut places: BTreeMap<(UserId, String), HashSet<String>> = BTreeMap::new();
    for batch in batches {
        if let (Some(owner), Some(host)) = (batch.owner_id, batch.host.clone()) {
            let ids = places.entry((owner, host)).or_default();
            ids.insert(batch.id.clone());
        }
    }
    let wanted: Vec<OwnedHost> = places
        .keys()
        .map(|(owner, host)| OwnedHost {
            owner: *owner,
            host: host.clone(),
        })
        .collect();
    let found = store.host_entries(&wanted).await?;
    let known = found.into_iter().map(|entry| {
        let place = (entry.of.owner, entry.of.host.clone());
        let only = places.remove(&place).map(Arc::new);
        KnownHost { entry, only }
    });
    Ok(known.collect())
}

/// Hosts by name, without those an administrator deleted.
pub async fn by_name(
    store: &Store,
    hosts: Vec<KnownHost>,
) -> Result<BTreeMap<String, Vec<KnownHost>>, StoreError> {
    let hidden = store.hidden_hosts().await?;
    let mut by_name: BTreeMap<String, Vec<KnownHost>> = BTreeMap::new();
    for host in hosts {
        if !hidden.contains(&host.entry.of.host) {
            let name = host.entry.of.host.clone();
            by_name.entry(name).or_default().push(host);
        }
    }
    Ok(by_name)
}

/// Server time of the newest sign of life among the entries of one host, a minute coarse.
pub fn last_seen(hosts: &[KnownHost]) -> Timestamp {
    let seen = hosts.iter().map(|host| host.entry.last_seen).max();
    seen.unwrap_or(Timestamp(0))
}

/// The newest gauges among the entries of one host.
pub async fn newest_gauges(
    store: &Store,
    hosts: &[KnownHost],
    now: Timestamp,
) -> Result<Gauges, StoreError> {
    let wish = Wish {
        since: None,
        before: None,
        limit: 1,
    };
    let (newest, _) = snapshots::newest(store, hosts, &wish, now).await?;
    let newest = newest.into_iter().next();
    Ok(newest.map_or_else(Gauges::default, |row| row.view().gauges))
}

/// One known host; empty when it is unknown, somebody else's or hidden.
pub async fn find(services: &Services, who: &Identity, host: &str) -> ApiResult<Vec<KnownHost>> {
    let store = &services.store;
    if store.is_host_hidden(host).await? {
        return Ok(vec![]);
    }
    if who.user.is_admin {
        let owners = store.owners_of_host(host).await?;
        return Ok(owners.into_iter().map(KnownHost::from).collect());
    }
    let own = store.host_of(who.user.id, host).await?;
    let mut hosts: Vec<KnownHost> = own.into_iter().map(KnownHost::from).collect();
    hosts.extend(shared(services, who, Some(host)).await?);
    Ok(hosts)
}

/// One known host, or the answer that there is none.
pub async fn one(services: &Services, who: &Identity, host: &str) -> ApiResult<Vec<KnownHost>> {
    match find(services, who, host).await? {
        none if none.is_empty() => Err(ApiError::new(Code::HostNotFound)),
        entries => Ok(entries),
    }
}
