//! In-process notification: hands appended feed items to this process' live readers.
//!
//! A shortcut only. Readers take what the hub offers when the numbers fit, and read the feed
//! itself whenever they do not.
//!
//! Items are appended before the state they speak of is written, and handed over after it: who
//! hears of a change and looks must find it. In between an item is under way, and a reader that
//! starts then starts before it, since the state it reads may not show the item yet.

use crate::feed::FeedItem;
use domain::account::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::broadcast;

/// Items a slow reader may lag behind before it has to read the feed.
const BACKLOG: usize = 256;

/// Per-batch and overall notification.
pub struct FeedHub {
    under_way: Mutex<HashMap<String, Vec<u64>>>,
    batches: Mutex<HashMap<String, broadcast::Sender<Arc<FeedItem>>>>,
    all: broadcast::Sender<Arc<FeedItem>>,
    people: broadcast::Sender<UserId>,
    runners: broadcast::Sender<UserId>,
    daemons: broadcast::Sender<DaemonNews>,
}

/// An agent or a watchdog changed.
#[derive(Clone, Debug)]
pub struct DaemonNews {
    /// Whose it is.
    pub owner: UserId,
    /// Its host.
    pub host: String,
}

impl Default for FeedHub {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
            batches: Mutex::default(),
            all: broadcast::channel(BACKLOG).0,
            people: broadcast::channel(BACKLOG).0,
            runners: broadcast::channel(BACKLOG).0,
            daemons: broadcast::channel(BACKLOG).0,
        }
    }
}

impl FeedHub {
    /// Follows one batch.
    pub fn follow(&self, batch: &str) -> broadcast::Receiver<Arc<FeedItem>> {
        let mut batches = lock(&self.batches);
        let sender = batches
            .entry(batch.to_owned())
            .or_insert_with(|| broadcast::channel(BACKLOG).0);
        sender.subscribe()
    }

    /// Follows every batch.
    pub fn follow_all(&self) -> broadcast::Receiver<Arc<FeedItem>> {
        self.all.subscribe()
    }

    /// Hears whose notifications changed.
    pub fn follow_people(&self) -> broadcast::Receiver<UserId> {
        self.people.subscribe()
    }

    /// Tells that somebody's notifications changed.
    pub fn notified(&self, user: UserId) {
        // Nobody listening is fine.
        let _ = self.people.send(user);
    }

    /// Hears whose agents got a command.
    pub fn follow_runners(&self) -> broadcast::Receiver<UserId> {
        self.runners.subscribe()
    }

    /// Tells that somebody's agents got a command.
    pub fn commanded(&self, runner: UserId) {
        let _ = self.runners.send(runner);
    }

    /// Hears whose agents and watchdogs changed.
    pub fn follow_daemons(&self) -> broadcast::Receiver<DaemonNews> {
        self.daemons.subscribe()
    }

    /// Tells that an agent or watchdog of somebody's changed.
    pub(crate) fn daemon_changed(&self, owner: UserId, host: &str) {
        if self.daemons.receiver_count() > 0 {
            let host = host.to_owned();
            let _ = self.daemons.send(DaemonNews { owner, host });
        }
    }

    /// Lowest number under way in the feed of `batch`.
    pub fn first_under_way(&self, batch: &str) -> Option<u64> {
        lock(&self.under_way).get(batch)?.iter().min().copied()
    }

    /// Announces an append that is about to be tried.
    pub(crate) fn announce(self: &Arc<Self>, batch: &str, seq: u64) -> Announced {
        let mut under_way = lock(&self.under_way);
        under_way.entry(batch.to_owned()).or_default().push(seq);
        Announced {
            hub: Arc::clone(self),
            batch: batch.to_owned(),
            seq,
            item: None,
        }
    }

    fn settle(&self, batch: &str, seq: u64) {
        let mut under_way = lock(&self.under_way);
        let Some(numbers) = under_way.get_mut(batch) else {
            return;
        };
        if let Some(i) = numbers.iter().position(|n| *n == seq) {
            numbers.swap_remove(i);
        }
        if numbers.is_empty() {
            under_way.remove(batch);
        }
    }

    /// Tells the readers; feeds nobody follows cost nothing.
    fn publish(&self, item: Arc<FeedItem>) {
        let mut batches = lock(&self.batches);
        if let Some(sender) = batches.get(&item.batch_id)
            && sender.send(Arc::clone(&item)).is_err()
        {
            batches.remove(&item.batch_id);
        }
        drop(batches);
        let _ = self.all.send(item);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// A feed item under way. Dropping it hands the item to the readers, whatever became of the
/// state it speaks of: it is in the feed, and a request that failed is repeated by its client.
#[must_use = "dropped at once, readers hear of what they cannot see yet"]
pub struct Announced {
    hub: Arc<FeedHub>,
    batch: String,
    seq: u64,
    item: Option<Arc<FeedItem>>,
}

impl Announced {
    /// The append succeeded with this item.
    pub(crate) fn appended(&mut self, item: FeedItem) {
        self.item = Some(Arc::new(item));
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.hub.settle(&self.batch, self.seq);
        if let Some(item) = self.item.take() {
            self.hub.publish(item);
        }
    }
}
