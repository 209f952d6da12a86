//! What guardrails remember of batches, and which batches they are to look at beside the active.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, text};
use crate::keys;
use crate::table::{Expect, Write};
use domain::batch::Batch;
use domain::guardrail::Watch;
use std::collections::HashMap;

/// A batch, and what is remembered of it if anything is.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The batch.
    pub batch: Versioned<Batch>,
    /// What is remembered.
    pub watch: Option<Versioned<Watch>>,
}

impl Watched {
    /// What is remembered; nothing, if nothing is.
    pub fn memory(&self) -> Watch {
        let watch = self.watch.as_ref();
        watch.map_or_else(Watch::default, |watch| watch.value.clone())
    }

    /// Put of what is to be remembered, on the condition that nobody else changed it: of two looks
    /// at once only one comes to something.
    pub fn watch_write(&self, watch: &Watch) -> Result<Write, StoreError> {
        let rev = self.watch.as_ref().map(|watch| watch.rev);
        let key = keys::watch(&self.batch.value.id);
        let item = encode(&key, rev.map_or(1, |rev| rev + 1), watch)?;
        Ok(Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev)))
    }
}

/// The failures of an ended batch were looked into.
pub fn failures_seen_write(batch: &str) -> Write {
    Write::Delete(keys::failures(batch), Expect::Anything)
}

impl Store {
    /// The batches with these ids and what is remembered of them, in no order; absent ones are
    /// left out.
    pub async fn watched(&self, ids: &[String]) -> Result<Vec<Watched>, StoreError> {
        let batches = ids.iter().map(|id| keys::batch(id));
        let watches = ids.iter().map(|id| keys::watch(id));
        let keys: Vec<keys::Key> = batches.chain(watches).collect();
        let (mut found, mut watches) = (Vec::with_capacity(ids.len()), HashMap::new());
        let watch_key = keys::watch("").sk;
        for item in self.table.get_many(&keys).await? {
            let pk = text(&item, "pk")?.to_owned();
            match text(&item, "sk")? == watch_key {
                true => drop(watches.insert(pk, decode::<Watch>(&item)?)),
                false => found.push((pk, decode::<Batch>(&item)?)),
            }
        }
        let watched = |(pk, batch): (String, Versioned<Batch>)| Watched {
            batch,
            watch: watches.remove(&pk),
        };
        Ok(found.into_iter().map(watched).collect())
    }

    /// A batch and what is remembered of it.
    pub async fn watched_batch(&self, id: &str) -> Result<Option<Watched>, StoreError> {
        Ok(self.watched(&[id.to_owned()]).await?.pop())
    }

    /// Up to `limit` ids of ended batches whose failures are yet to be looked into.
    pub async fn unseen_failures(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        let items = self.table.partition(keys::FAILURES).take(limit).await?;
        let id = |item| text(item, "id").map(str::to_owned);
        items.iter().map(id).collect()
    }
}
