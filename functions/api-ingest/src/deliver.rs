//! Handing events to their batches: the one way into the store, for requests and for replays.

use crate::intake::Posted;
use crate::state::Intake;
use crate::verdict::Verdict;
use crate::writer::{Arrival, Writers};
use domain::access::Actor;
use domain::event::EventKind;
use domain::time::Timestamp;
use futures::future::try_join_all;
use runtime::{Services, meter};
use std::collections::BTreeMap;
use store::StoreError;

/// What became of delivered events.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    /// One verdict per event, in the order given.
    pub verdicts: Vec<Verdict>,
    /// Per batch: whether somebody asked it to stop.
    pub stop: BTreeMap<String, bool>,
    /// Batches somebody deleted.
    pub deleted: Vec<String>,
}

/// Gives every batch its events, all batches side by side; returns when they are durable.
pub async fn deliver(
    intake: &Intake,
    services: &Services,
    actor: Actor,
    posted: Vec<Posted>,
    now: Timestamp,
) -> Result<Delivered, StoreError> {
    let writers = intake.writers(services);
    let kept = services.settings.retention(&services.store, now).await?;
    let came = Arrival { now, kept };
    let mut verdicts: Vec<Option<Verdict>> = vec![None; posted.len()];
    let mut groups: BTreeMap<String, (Vec<usize>, Vec<Posted>)> = BTreeMap::new();
    for (i, item) in posted.into_iter().enumerate() {
        match (&item.event_id, item.event) {
            (None, Err(reject)) => verdicts[i] = Some(Verdict::Rejected(reject)),
            (_, event) => {
                let (places, items) = groups.entry(item.batch_id.clone()).or_default();
                places.push(i);
                items.push(Posted { event, ..item });
            }
        }
    }
    let work = groups
        .into_iter()
        .map(|(batch, (places, items))| async move {
            let ends = items.iter().any(ends_batch);
            let outcome = writers.submit(batch.clone(), actor, items, came).await?;
            if ends {
                settle(writers, &batch, now).await;
            }
            Ok::<_, StoreError>((batch, places, outcome))
        });
    let (mut stop, mut deleted) = (BTreeMap::new(), vec![]);
    for (batch, places, outcome) in try_join_all(work).await? {
        if outcome.deleted {
            deleted.push(batch.clone());
        }
        stop.insert(batch, outcome.stop);
        for (place, verdict) in places.into_iter().zip(outcome.verdicts) {
            verdicts[place] = Some(verdict);
        }
    }
    let verdicts: Vec<Verdict> = verdicts.into_iter().flatten().collect();
    measure(&verdicts);
    Ok(Delivered {
        verdicts,
        stop,
        deleted,
    })
}

fn measure(verdicts: &[Verdict]) {
    let count = |kind: fn(&Verdict) -> bool| verdicts.iter().filter(|v| kind(v)).count();
    meter::received("accepted", count(|v| matches!(v, Verdict::Accepted(_))));
    meter::received(
        "deduplicated",
        count(|v| matches!(v, Verdict::Duplicate(_))),
    );
    meter::received("rejected", count(|v| matches!(v, Verdict::Rejected(_))));
}

fn ends_batch(item: &Posted) -> bool {
    item.event
        .as_ref()
        .is_ok_and(|event| matches!(event.kind, EventKind::BatchDone | EventKind::BatchFailed))
}

/// Files that overtook the start of their job get their place when the batch ends, when all its
/// jobs are known. The events are stored by then, so a failure here is nobody's error: readers
/// settle as well.
async fn settle(writers: &Writers, batch: &str, now: Timestamp) {
    if let Err(error) = writers.store().settle_parked(batch, now).await {
        tracing::warn!(batch, cause = %error, "parked artifacts wait for the next reader");
    }
}
