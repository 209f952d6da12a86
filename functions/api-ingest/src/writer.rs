//! Who writes when: one writer per batch and process.
//!
//! Requests for a batch queue up, and one task writes everything that waits until nothing does, so
//! under load many requests share one set of writes. The task is nobody's request: a client that
//! hangs up cannot leave a write half done.

use crate::intake::Posted;
use crate::segment;
use crate::sightings::Sightings;
use crate::slot::Slot;
use crate::verdict::{Outcome, Verdict};
use domain::access::Actor;
use domain::retention::Retention;
use domain::time::Timestamp;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use store::{Store, StoreError};
use tokio::sync::oneshot;

/// Batches whose state is kept in memory.
const CACHED_BATCHES: NonZeroUsize = NonZeroUsize::new(2048).expect("not zero");
/// Event fingerprints kept over all batches, about 30 bytes each; those of batches not written to
/// for longest are given up first.
const FINGERPRINTS: usize = 1_000_000;
/// New fingerprints after which all are counted.
const COUNT_AFTER: usize = 50_000;
/// Requests that may wait for one batch; beyond it the answer is "busy".
const WAITING: usize = 2048;
/// Events written together at most.
const GROUP_EVENTS: usize = 4000;

/// When events came, and how long detail is kept by then.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival {
    /// Server time.
    pub now: Timestamp,
    /// Settings in force.
    pub kept: Retention,
}

/// One request's events for one batch.
pub struct Submission {
    /// Who reports.
    pub actor: Actor,
    /// The events.
    pub items: Vec<Posted>,
    /// When it came.
    pub came: Arrival,
    reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

#[derive(Default)]
struct Desk {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Submission>,
    /// A task is at work on this batch.
    served: bool,
    /// What that task knew when it last finished.
    slot: Slot,
    /// Its fingerprints then.
    held: usize,
}

/// Opens the desk again when its task panics; those who wait are told "busy".
struct Serving(Arc<Desk>);

impl Drop for Serving {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut queue = self.0.queue();
        queue.served = false;
        queue.held = 0;
        queue.waiting.clear();
    }
}

impl Desk {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// The batch writers of this process.
pub struct Writers {
    store: Store,
    exclusive: bool,
    hosts: Sightings,
    desks: Mutex<LruCache<String, Arc<Desk>>>,
    /// Fingerprints added since all were counted.
    added: AtomicUsize,
}

impl Writers {
    /// Writers over `store`. `exclusive`: no other process writes this table.
    pub fn new(store: Store, exclusive: bool) -> Self {
        Self {
            store,
            exclusive,
            hosts: Sightings::default(),
            desks: Mutex::new(LruCache::new(CACHED_BATCHES)),
            added: AtomicUsize::new(0),
        }
    }

    /// The store they write to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores one request's events for `batch`; returns when they are durable.
    pub async fn submit(
        self: &Arc<Self>,
        batch: String,
        actor: Actor,
        items: Vec<Posted>,
        came: Arrival,
    ) -> Result<Outcome, StoreError> {
        let desk = self.desk(&batch);
        let (reply, answer) = oneshot::channel();
        let idle = {
            let mut queue = desk.queue();
            if queue.waiting.len() >= WAITING {
                return Err(StoreError::Busy(
                    "too many requests wait for this batch".into(),
                ));
            }
            queue.waiting.push(Submission {
                actor,
                items,
                came,
                reply,
            });
            !std::mem::replace(&mut queue.served, true)
        };
        if idle {
            tokio::spawn(Arc::clone(self).serve(batch, Serving(desk)));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::Busy("the writer ended early".into())))
    }

    fn desk(&self, batch: &str) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(|e| e.into_inner());
        Arc::clone(desks.get_or_insert(batch.to_owned(), Arc::default))
    }

    async fn serve(self: Arc<Self>, batch: String, serving: Serving) {
        // Taken while in use: a panic or error leaves an empty cache, not a wrong one.
        let mut slot = std::mem::take(&mut serving.0.queue().slot);
        loop {
            let group = {
                let mut queue = serving.0.queue();
                if queue.waiting.is_empty() {
                    let held = slot.fingerprints();
                    let added = held.saturating_sub(std::mem::replace(&mut queue.held, held));
                    queue.slot = slot;
                    queue.served = false;
                    drop(queue);
                    return self.bound(added);
                }
                take_group(&mut queue.waiting)
            };
            slot = self.write_group(&batch, slot, group).await;
        }
    }

    /// Keeps the fingerprints of all batches together within their bound.
    fn bound(&self, added: usize) {
        if self.added.fetch_add(added, Ordering::Relaxed) + added < COUNT_AFTER {
            return;
        }
        self.added.store(0, Ordering::Relaxed);
        let desks = self.desks.lock().unwrap_or_else(|e| e.into_inner());
        let mut total = 0;
        // Most recently used first, so the bound falls on the others.
        for (_, desk) in desks.iter() {
            let mut queue = desk.queue();
            if total + queue.held > FINGERPRINTS && !queue.served {
                queue.slot.forget_events();
                queue.held = 0;
            }
            total += queue.held;
        }
    }

    async fn write_group(&self, batch: &str, mut slot: Slot, group: Vec<Submission>) -> Slot {
        let newest = group.iter().map(|s| s.came).max_by_key(|came| came.now);
        let Arrival { now, kept } = newest.unwrap_or_default();
        slot.unsaved.requests += group.len() as u64;
        let mut flat = Vec::new();
        let mut replies = Vec::with_capacity(group.len());
        for submission in group {
            replies.push((submission.reply, submission.items.len()));
            flat.extend(
                submission
                    .items
                    .into_iter()
                    .map(|item| (submission.actor, item)),
            );
        }
        let env = segment::Context {
            store: &self.store,
            hosts: &self.hosts,
            exclusive: self.exclusive,
            batch,
            now,
            kept,
        };
        let outcome = segment::write_all(&env, &mut slot, flat).await;
        match outcome {
            Ok(verdicts) => {
                let (stop, deleted) = (slot.stop_requested(), slot.is_deleted());
                let mut verdicts: std::vec::IntoIter<Verdict> = verdicts.into_iter();
                for (reply, len) in replies {
                    let verdicts = verdicts.by_ref().take(len).collect();
                    let _ = reply.send(Ok(Outcome {
                        verdicts,
                        stop,
                        deleted,
                    }));
                }
                slot
            }
            Err(error) => {
                for (reply, _) in replies {
                    let _ = reply.send(Err(error.clone()));
                }
                Slot::default()
            }
        }
    }
}

fn take_group(waiting: &mut Vec<Submission>) -> Vec<Submission> {
    let mut events = 0;
    let fitting = waiting
        .iter()
        .take_while(|s| {
            events += s.items.len();
            events <= GROUP_EVENTS
        })
        .count()
        .max(1);
    waiting.drain(..fitting).collect()
}
