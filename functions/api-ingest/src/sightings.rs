//! Which hosts were seen when, so that "last seen" is written once a minute and not per snapshot.

use domain::limits::HOST_TOUCH_SECS;
use domain::time::Timestamp;
use futures::future::try_join_all;
use lru::LruCache;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard};
use store::hosts::OwnedHost;
use store::{Store, StoreError};

/// Hosts remembered; one that was forgotten is only written early.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");

/// Last written sightings of this process.
pub struct Sightings(Mutex<LruCache<OwnedHost, Timestamp>>);

impl Default for Sightings {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Sightings {
    fn written(&self) -> MutexGuard<'_, LruCache<OwnedHost, Timestamp>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Writes down those hosts whose last sighting is a minute old.
    pub async fn note(
        &self,
        store: &Store,
        mut hosts: BTreeSet<OwnedHost>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        hosts.retain(|host| {
            let last = self.written().get(host).copied();
            last.is_none_or(|at| now.secs() - at.secs() >= HOST_TOUCH_SECS)
        });
        try_join_all(hosts.iter().map(|host| store.note_host(host, now))).await?;
        let mut written = self.written();
        for host in hosts {
            written.put(host, now);
        }
        Ok(())
    }
}
