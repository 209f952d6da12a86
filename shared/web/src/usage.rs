//! What batches use and cost, counted the same way on every route.

use domain::batch::Batch;
use domain::tracking::{Machine, Tracked};
use std::collections::BTreeSet;
use store::hosts::OwnedHost;
use store::{Store, StoreError};
use wire::usage::UsageOut;

fn place(batch: &Batch) -> Option<OwnedHost> {
    Some(OwnedHost {
        owner: batch.owner_id?,
        host: batch.host.clone()?,
    })
}

/// What these batches, and so many artifacts of so many bytes, come to.
pub async fn of<'a>(
    store: &Store,
    batches: impl Iterator<Item = &'a Batch> + Clone,
    (artifacts, bytes): (u64, u64),
) -> Result<UsageOut, StoreError> {
    let hosts: BTreeSet<OwnedHost> = batches.clone().filter_map(place).collect();
    let rates = store.host_rates(&hosts).await?;
    let (mut tracked, mut machine) = (Tracked::default(), Machine::default());
    for batch in batches {
        tracked += batch.tracked;
        let rate = place(batch).and_then(|of| rates.get(&of).copied());
        machine.add(batch, rate);
    }
    Ok(UsageOut::new(tracked, artifacts, bytes, machine))
}
