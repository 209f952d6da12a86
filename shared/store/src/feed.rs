//! The feed of a batch: what viewers are told, numbered without gaps.
//!
//! Numbers come from conditional appends, never from a clock: a reader's cursor is one number,
//! and nothing can appear behind it. A feed that expired whole starts anew at the current
//! millisecond, which is above any number it can have reached, so old cursors stay comparable.

use crate::Store;
use crate::error::StoreError;
use crate::hub::Announced;
use crate::item::{Item, bytes, is_alive, key_item, n, number, text};
use crate::keys;
use crate::packed;
use crate::pause;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::batch::Batch;
use domain::limits::FEED_TTL_SECS;
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Rounds of conditional append before giving up as busy.
const APPEND_ROUNDS: u32 = 20;
/// Longest pause after the first lost race, milliseconds.
const FIRST_PAUSE_MS: u64 = 4;

/// One event as viewers get it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedEvent {
    /// `event_type`.
    pub kind: String,
    /// `event_id`, by which repeats are dropped.
    pub event_id: Option<String>,
    /// `job_id`.
    pub job_id: Option<String>,
    /// The whole event as one-line JSON, without `channel`.
    pub json: Arc<str>,
}

/// The events of one append.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedItem {
    /// Batch.
    pub batch_id: String,
    /// Number; the next item has the next number.
    pub seq: u64,
    /// Server time of the append.
    pub at: Timestamp,
    /// Events in order.
    pub events: Vec<FeedEvent>,
}

/// Items in the feed that this process' readers have not heard of; dropping it tells them. Keep
/// it until the state the events speak of is written.
#[must_use = "dropped at once, readers hear of what they cannot see yet"]
pub struct Appended {
    /// Highest number of the feed.
    pub head: u64,
    items: Vec<Announced>,
}

#[derive(Deserialize)]
struct Head {
    event_type: String,
    #[serde(default)]
    event_id: Option<String>,
    #[serde(default)]
    job_id: Option<String>,
}

impl FeedEvent {
    /// Reads the fields a reader filters by from an event's JSON.
    pub fn from_json(json: &str) -> Result<Self, StoreError> {
        let head: Head =
            serde_json::from_str(json).map_err(|e| StoreError::Corrupt(format!("feed: {e}")))?;
        Ok(Self {
            kind: head.event_type,
            event_id: head.event_id,
            job_id: head.job_id,
            json: json.into(),
        })
    }
}

impl FeedEvent {
    /// An event the server itself has to tell, in the shape of a posted one.
    pub fn of_server(
        kind: &str,
        event_id: &str,
        batch: &Batch,
        now: Timestamp,
        data: &serde_json::Value,
    ) -> Result<Self, StoreError> {
        Self::of_job((kind, event_id), batch, None, now, data)
    }

    /// As [`FeedEvent::of_server`], about one of its jobs. `what` is the kind and the event's id.
    pub fn of_job(
        what: (&str, &str),
        batch: &Batch,
        job: Option<&str>,
        now: Timestamp,
        data: &serde_json::Value,
    ) -> Result<Self, StoreError> {
        let (kind, event_id) = what;
        let json = serde_json::json!({
            "schema_version": "1.1", "event_type": kind, "timestamp": now.to_text(),
            "batch_id": batch.id, "job_id": job,
            "source": {"project": batch.project, "host": batch.host, "user": batch.user,
                "commit": batch.commit, "command": batch.command},
            "data": data, "event_id": event_id,
        });
        Self::from_json(&json.to_string())
    }
}

impl FeedItem {
    fn payload(events: &[FeedEvent]) -> Vec<u8> {
        let mut json =
            Vec::with_capacity(events.iter().map(|e| e.json.len() + 1).sum::<usize>() + 2);
        json.push(b'[');
        for (i, event) in events.iter().enumerate() {
            if i > 0 {
                json.push(b',');
            }
            json.extend_from_slice(event.json.as_bytes());
        }
        json.push(b']');
        packed::pack(&json)
    }

    fn read(item: &Item, batch: &str) -> Result<Self, StoreError> {
        let json = packed::unpack(bytes(item, "z"))?;
        let events: Vec<Box<RawValue>> =
            serde_json::from_slice(&json).map_err(|e| StoreError::Corrupt(format!("feed: {e}")))?;
        Ok(Self {
            batch_id: batch.to_owned(),
            seq: seq_of(item)?,
            at: Timestamp(number(item, "ra").unwrap_or(0) as i64),
            events: events
                .iter()
                .map(|e| FeedEvent::from_json(e.get()))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn seq_of(item: &Item) -> Result<u64, StoreError> {
    text(item, "sk")?
        .parse()
        .map_err(|_| StoreError::Corrupt("feed key".into()))
}

impl Store {
    /// Appends events to a batch's feed. `head` is the highest number the caller knows of; a
    /// wrong guess only costs a read. This process' readers hear of it when the result is dropped.
    pub async fn append_feed(
        &self,
        batch: &str,
        events: Vec<FeedEvent>,
        head: Option<u64>,
        now: Timestamp,
    ) -> Result<Appended, StoreError> {
        let payload = FeedItem::payload(&events);
        if !packed::fits(&payload) && events.len() > 1 {
            let mut left = events;
            let right = left.split_off(left.len() / 2);
            let mut appended = Box::pin(self.append_feed(batch, left, head, now)).await?;
            let more = Box::pin(self.append_feed(batch, right, Some(appended.head), now)).await?;
            appended.items.extend(more.items);
            appended.head = more.head;
            return Ok(appended);
        }
        let mut guess = head;
        for round in 0..APPEND_ROUNDS {
            let seq = match guess {
                Some(head) => head + 1,
                None => match self.feed_head(batch).await? {
                    Some(head) => head + 1,
                    None => u64::try_from(now.0).unwrap_or(1).max(1),
                },
            };
            let mut item = key_item(&keys::feed(batch, seq));
            item.insert("z".into(), AttributeValue::B(Blob::new(payload.clone())));
            item.insert("ra".into(), n(now.0));
            item.insert(TTL.into(), n(now.secs() + FEED_TTL_SECS));
            let mut announced = self.hub.announce(batch, seq);
            match self.table.write(Write::Put(item, Expect::Absent)).await {
                Ok(()) => {
                    announced.appended(FeedItem {
                        batch_id: batch.to_owned(),
                        seq,
                        at: now,
                        events,
                    });
                    let items = vec![announced];
                    return Ok(Appended { head: seq, items });
                }
                Err(StoreError::Conflict) => {
                    guess = None;
                    drop(announced);
                    pause::after_lost_race(round, FIRST_PAUSE_MS).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("feed append lost every race".into()))
    }

    /// Highest number of a feed; `None` when it is empty.
    pub async fn feed_head(&self, batch: &str) -> Result<Option<u64>, StoreError> {
        let newest = self
            .table
            .partition(&keys::feed_partition(batch))
            .newest_first()
            .take(1);
        newest.await?.first().map(seq_of).transpose()
    }

    /// Lowest number of a feed that has not expired.
    pub async fn feed_tail(&self, batch: &str, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let oldest = self
            .table
            .partition(&keys::feed_partition(batch))
            .take(64)
            .await?;
        oldest
            .iter()
            .find(|item| is_alive(item, now))
            .map(seq_of)
            .transpose()
    }

    /// Up to `limit` items with numbers from `from` on.
    pub async fn read_feed(
        &self,
        batch: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<FeedItem>, StoreError> {
        let range = self
            .table
            .partition(&keys::feed_partition(batch))
            .at_least(&keys::number(from));
        range
            .take(limit)
            .await?
            .iter()
            .map(|item| FeedItem::read(item, batch))
            .collect()
    }
}
