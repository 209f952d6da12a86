//! What is written for a group of events, in which order, and why.
//!
//! 1. **Feed** first: if the process dies after it, the client repeats and viewers drop the
//!    repeat; the other way round viewers would miss events for ever. Viewers in this process
//!    hear of it last, so that what they then read shows it.
//! 2. **State**: lifecycle events put their markers in one transaction with their effects; job
//!    summaries that only follow detail are plain conditional puts (folding is idempotent).
//! 3. **Chunks** last: a detail event counts as stored, and thereby as a repeat, once its chunk is.
//!    The hosts of snapshots are noted just before, so that none is stored that no list leads to.
//!
//! Losing a race on any condition drops the cache and starts the segment over.

use crate::commit::{self, Told};
use crate::intake::Posted;
use crate::plan::Plan;
use crate::sightings::Sightings;
use crate::slot::Slot;
use crate::verdict::Verdict;
use domain::access::Actor;
use domain::event::EventKind;
use domain::retention::Retention;
use domain::time::Timestamp;
use store::{Store, StoreError, pause};

/// Writes of a segment's lifecycle events. Beside them a transaction of 100 has room for the
/// batch, its entries (the one in a project it leaves, too) and a new project with its owner.
const LIFECYCLE: usize = 93;
/// Rounds after lost races; with their pauses about three seconds.
const ROUNDS: u32 = 20;
/// Longest pause after the first lost race, milliseconds.
const FIRST_PAUSE_MS: u64 = 10;

/// Surroundings of a write.
pub struct Context<'a> {
    /// Storage.
    pub store: &'a Store,
    /// What this process wrote of hosts.
    pub hosts: &'a Sightings,
    /// No other process writes this table.
    pub exclusive: bool,
    /// The batch.
    pub batch: &'a str,
    /// Server time.
    pub now: Timestamp,
    /// How long detail is kept.
    pub kept: Retention,
}

/// Writes all events of a group; verdicts come in the order given.
pub async fn write_all(
    env: &Context<'_>,
    slot: &mut Slot,
    items: Vec<(Actor, Posted)>,
) -> Result<Vec<Verdict>, StoreError> {
    let mut verdicts = Vec::with_capacity(items.len());
    let mut rest = items.into_iter().peekable();
    while rest.peek().is_some() {
        let mut lifecycle = 0;
        let mut segment = Vec::new();
        while let Some(next) = rest.next_if(|(_, item)| {
            lifecycle += writes_of(item);
            lifecycle <= LIFECYCLE
        }) {
            segment.push(next);
        }
        verdicts.extend(write_segment(env, slot, segment).await?);
    }
    slot.trim();
    Ok(verdicts)
}

/// Most writes an event adds to the transaction: its marker, and its job or the environment or
/// what people hear of it; the end of a job may be all of these.
fn writes_of(item: &Posted) -> usize {
    let kind = item.event.as_ref().ok().map(|event| event.kind);
    match (item.detail, kind) {
        (Some(_), _) => 0,
        (None, Some(EventKind::JobDone | EventKind::JobFailed)) => 3,
        (None, _) => 2,
    }
}

async fn write_segment(
    env: &Context<'_>,
    slot: &mut Slot,
    items: Vec<(Actor, Posted)>,
) -> Result<Vec<Verdict>, StoreError> {
    let mut told = Told::default();
    let unsaved = slot.unsaved;
    let mut owed = false;
    for round in 0..ROUNDS {
        // The slot is changed in place; whoever sees an error throws it away.
        let mut plan = Plan::make(env, slot, &items).await?;
        // A round that was lost may have written jobs of which the batch was yet to tell.
        plan.batch_changed |= owed;
        owed |= plan.jobs_first;
        plan.feed.retain(|event| {
            !event
                .event_id
                .as_ref()
                .is_some_and(|id| told.ids.contains(id))
        });
        match commit::carry_out(env, slot, plan, &mut told).await {
            Err(StoreError::Conflict | StoreError::ConditionAt(_)) => {
                *slot = Slot::default();
                slot.unsaved = unsaved;
                pause::after_lost_race(round, FIRST_PAUSE_MS).await;
            }
            done => return done,
        }
    }
    Err(StoreError::Busy("lost every race for this batch".into()))
}
