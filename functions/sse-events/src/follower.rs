//! Following one feed from a position, without gaps and without repeats.

use crate::cursor::{Cursor, Position};
use domain::time::Timestamp;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use store::feed::{FeedEvent, FeedItem};
use store::{Store, StoreError};

/// Told event ids remembered to drop repeats; repeats come from retries, soon after.
const REMEMBERED: usize = 2048;
/// Items read at once.
const PAGE: usize = 50;

/// One followed feed.
pub struct Follower {
    batch: String,
    /// Number of the next item; `None` until the feed has its first item.
    next: Option<u64>,
    /// Events of the next item that were told before.
    skip: u64,
    /// Items older than this were never this stream's business.
    since: Timestamp,
    told: HashSet<String>,
    told_order: VecDeque<String>,
    /// Server time of the newest told item.
    pub newest: Timestamp,
}

/// An event to tell, with the position after it.
pub struct News {
    /// The event.
    pub event: FeedEvent,
    /// Position once it is told.
    pub position: Position,
}

/// What following brought.
#[derive(Default)]
pub struct Told {
    /// Events in order.
    pub news: Vec<News>,
    /// Part of the feed is gone: the client has to load the state anew.
    pub lost: bool,
}

impl Follower {
    /// Starts where `cursor` left off, or at the feed's end for a first visit.
    pub async fn start(
        store: &Store,
        batch: &str,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<(Self, bool), StoreError> {
        let since = cursor.map_or(now, |c| c.since);
        let mut follower = Self {
            batch: batch.to_owned(),
            next: None,
            skip: 0,
            since,
            told: HashSet::new(),
            told_order: VecDeque::new(),
            newest: since,
        };
        let head = store.feed_head(batch).await?;
        // Asked second: an item missing here was settled, and is seen by whoever reads now.
        let under_way = store.hub.first_under_way(batch);
        let resumed = cursor.and_then(|c| c.get(batch));
        let lost = match (resumed, head) {
            (Some(position), Some(head)) if position.seq <= head => {
                let tail = store.feed_tail(batch, now).await?.unwrap_or(head + 1);
                if tail > position.seq {
                    follower.next = Some(head + 1);
                    true
                } else {
                    follower.next = Some(position.seq);
                    follower.skip = position.told;
                    false
                }
            }
            (Some(_), head) => {
                follower.next = head.map(|h| h + 1);
                true
            }
            (None, head) => {
                if cursor.is_none() {
                    let after = head.map(|head| head + 1);
                    follower.next = [under_way, after].into_iter().flatten().min();
                }
                false
            }
        };
        Ok((follower, lost))
    }

    /// Follows a feed that turned up while the stream was open.
    pub fn newcomer(batch: &str, since: Timestamp) -> Self {
        Self {
            batch: batch.to_owned(),
            next: None,
            skip: 0,
            since,
            told: HashSet::new(),
            told_order: VecDeque::new(),
            newest: since,
        }
    }

    /// Position that says "everything up to now was told"; `None` for an empty feed.
    pub fn position(&self) -> Option<Position> {
        let next = self.next?;
        match self.skip {
            0 => Some(Position {
                seq: next.checked_sub(1)?,
                told: Position::WHOLE,
            }),
            told => Some(Position { seq: next, told }),
        }
    }

    /// Takes an item the hub offered; reads the feed itself when the numbers do not fit.
    pub async fn offered(
        &mut self,
        store: &Store,
        item: &Arc<FeedItem>,
    ) -> Result<Told, StoreError> {
        match self.next {
            Some(next) if item.seq < next => Ok(Told::default()),
            Some(next) if item.seq == next => {
                let mut told = Told::default();
                self.tell(item, &mut told);
                Ok(told)
            }
            Some(_) => self.catch_up(store).await,
            None => {
                // What is offered is news, even when it was received before this stream began.
                self.since = self.since.min(item.at);
                self.catch_up(store).await
            }
        }
    }

    /// Reads whatever the feed has beyond the position.
    pub async fn catch_up(&mut self, store: &Store) -> Result<Told, StoreError> {
        let mut told = Told::default();
        loop {
            let from = self.next.unwrap_or(0);
            let items = store.read_feed(&self.batch, from, PAGE).await?;
            let full = items.len() == PAGE;
            for item in items {
                // A jump in the numbers means items expired unseen.
                if self.next.is_some_and(|next| item.seq > next) {
                    told.lost = true;
                    self.skip = 0;
                }
                if self.next.is_none() && item.at < self.since {
                    continue;
                }
                self.tell(&item, &mut told);
            }
            if !full {
                return Ok(told);
            }
            if self.next.is_none() {
                // A whole page from before our time: go on behind it.
                self.next = store.feed_head(&self.batch).await?.map(|h| h + 1);
                return Ok(told);
            }
        }
    }

    fn tell(&mut self, item: &FeedItem, told: &mut Told) {
        for (i, event) in item.events.iter().enumerate() {
            let position = Position {
                seq: item.seq,
                told: i as u64 + 1,
            };
            if position.told <= self.skip || !self.is_news(event) {
                continue;
            }
            told.news.push(News {
                event: event.clone(),
                position,
            });
        }
        self.skip = 0;
        self.next = Some(item.seq + 1);
        self.newest = self.newest.max(item.at);
    }

    fn is_news(&mut self, event: &FeedEvent) -> bool {
        let Some(id) = &event.event_id else {
            return true;
        };
        if !self.told.insert(id.clone()) {
            return false;
        }
        self.told_order.push_back(id.clone());
        if self.told_order.len() > REMEMBERED
            && let Some(oldest) = self.told_order.pop_front()
        {
            self.told.remove(&oldest);
        }
        true
    }
}
