//! What hosts cost an hour: the word of whose batches ran there, else an administrator's.

use crate::Store;
use crate::error::StoreError;
use crate::hosts::OwnedHost;
use crate::item::{decode, encode};
use crate::keys::{self, Key};
use crate::table::{Expect, Write};
use domain::account::UserId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A rate as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rate {
    /// Whose; `None`: everybody's.
    user: Option<UserId>,
    host: String,
    /// `None`: taken back.
    hourly_usd: Option<f64>,
}

/// Dollars an hour, by whose batches and which host.
pub type Rates = BTreeMap<OwnedHost, f64>;

impl Store {
    /// Says what an hour of a host costs a user's batches, or those of everybody who said nothing; with
    /// the audit row.
    pub async fn set_host_rate(
        &self,
        user: Option<UserId>,
        host: &str,
        hourly_usd: Option<f64>,
        row: Write,
    ) -> Result<(), StoreError> {
        let host = host.to_owned();
        let rate = Rate {
            user,
            host,
            hourly_usd,
        };
        let item = encode(&keys::host_rate(user, &rate.host), 1, &rate)?;
        let put = Write::Put(item, Expect::Anything);
        self.table.transact(vec![put, row]).await
    }

    /// The rates of `hosts`, as far as somebody told them.
    pub async fn host_rates(&self, hosts: &BTreeSet<OwnedHost>) -> Result<Rates, StoreError> {
        let wanted = hosts.iter().flat_map(|of| {
            let own = keys::host_rate(Some(of.owner), &of.host);
            [own, keys::host_rate(None, &of.host)]
        });
        let mut seen = BTreeSet::new();
        let wanted = wanted.filter(|key| seen.insert((key.pk.clone(), key.sk.clone())));
        let wanted: Vec<Key> = wanted.collect();
        let mut told = BTreeMap::new();
        for item in self.table.get_many(&wanted).await? {
            let rate: Rate = decode(&item)?.value;
            told.extend(rate.hourly_usd.map(|usd| ((rate.user, rate.host), usd)));
        }
        let rate = |of: &OwnedHost| {
            let of_user = |user| told.get(&(user, of.host.clone())).copied();
            let usd = of_user(Some(of.owner)).or_else(|| of_user(None))?;
            Some((of.clone(), usd))
        };
        Ok(hosts.iter().filter_map(rate).collect())
    }
}
