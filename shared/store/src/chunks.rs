//! Detail in chunks: what one request brought for one stream is one item.
//!
//! A stream is (batch, job, kind). A chunk carries the 64-bit fingerprints of its events; two
//! instances can race past each other's duplicate check, so **readers drop repeats**, see [`rows`].

mod recent;

pub use recent::Recent;

use crate::Store;
use crate::error::StoreError;
use crate::hosts::OwnedHost;
use crate::item::{Item, bytes, expiry, key_item, key_of, keys_of, n, number, s, text};
use crate::keys;
use crate::packed;
use crate::range::Range;
use crate::schema::{GSI1, TTL};
use crate::table::{Expect, Write};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::batch::{first_attempt, is_first_attempt};
use domain::event::Detail;
use domain::time::Timestamp;
use recent::is_kept;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::sync::Arc;

/// Address of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stream {
    /// Kind of detail.
    pub kind: Detail,
    /// Batch id.
    pub batch: String,
    /// Job id; empty for lines and snapshots without a job.
    pub job: String,
}

/// One event of a stream as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Client's event id; kept for log lines, whose readers see it.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Client's time as sent.
    #[serde(rename = "t")]
    pub time: String,
    /// The batch's attempt it came in; the first when absent.
    #[serde(
        rename = "a",
        default = "first_attempt",
        skip_serializing_if = "is_first_attempt"
    )]
    pub attempt: u32,
    /// Host, for snapshots.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// `data` as posted.
    #[serde(rename = "d")]
    pub data: Box<RawValue>,
}

/// A chunk.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Its stream.
    pub stream: Stream,
    /// Id of the first record; record `i` has row id `id + i`.
    pub id: u64,
    /// Host of all its records and owner of its batch, for snapshots: readers of a host find it
    /// by these.
    pub host: Option<OwnedHost>,
    /// Server time of arrival.
    pub received_at: Timestamp,
    /// Until when it is kept; `None`: for ever.
    pub expires_at: Option<Timestamp>,
    /// Fingerprints, one per record.
    pub fingerprints: Vec<u64>,
    /// Records in order of arrival.
    pub records: Vec<Record>,
}

/// One record with its row id.
#[derive(Clone, Debug)]
pub struct Row {
    /// Row id, ascending with arrival.
    pub id: u64,
    /// Job of the stream.
    pub job: String,
    /// Server time of arrival.
    pub received_at: Timestamp,
    /// The record.
    pub record: Record,
}

/// Flattens chunks into rows, dropping every repeat of an event.
pub fn rows(chunks: Vec<Chunk>) -> Vec<Row> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for chunk in chunks {
        let Chunk {
            stream,
            id,
            received_at,
            fingerprints,
            records,
            host: _,
            expires_at: _,
        } = chunk;
        for (i, (print, record)) in fingerprints.into_iter().zip(records).enumerate() {
            if seen.insert(print) {
                out.push(Row {
                    id: id + i as u64,
                    job: stream.job.clone(),
                    received_at,
                    record,
                });
            }
        }
    }
    out
}

impl Chunk {
    /// The writes that store this chunk, split when it would not fit one item.
    pub fn writes(self) -> Result<Vec<Write>, StoreError> {
        let json =
            serde_json::to_vec(&self.records).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let payload = packed::pack(&json);
        if !packed::fits(&payload) && self.records.len() > 1 {
            let (left, right) = self.halves();
            let mut writes = left.writes()?;
            writes.extend(right.writes()?);
            return Ok(writes);
        }
        let stream = &self.stream;
        let mut item = key_item(&keys::chunk(
            stream.kind,
            &stream.batch,
            &stream.job,
            self.id,
        ));
        let prints: Vec<u8> = self
            .fingerprints
            .iter()
            .flat_map(|p| p.to_le_bytes())
            .collect();
        item.insert("ids".into(), AttributeValue::B(Blob::new(prints)));
        item.insert("z".into(), AttributeValue::B(Blob::new(payload)));
        item.insert("ra".into(), n(self.received_at.0));
        item.insert("job".into(), s(&stream.job));
        if let Some(until) = self.expires_at {
            item.insert(TTL.into(), n(until.secs()));
        }
        if stream.kind == Detail::Logs {
            item.insert("gsi1pk".into(), s(keys::logs_of_batch(&stream.batch)));
            item.insert("gsi1sk".into(), s(keys::number(self.id)));
        }
        if let Some(OwnedHost { owner, host }) = &self.host {
            item.insert("batch".into(), s(&stream.batch));
            item.insert("owner".into(), n(owner));
            item.insert("host".into(), s(host));
            item.insert("gsi1pk".into(), s(keys::snapshots_of_host(*owner, host)));
            item.insert("gsi1sk".into(), s(keys::number(self.id)));
        }
        Ok(vec![Write::Put(item, Expect::Absent)])
    }

    fn halves(mut self) -> (Self, Self) {
        let middle = self.records.len() / 2;
        let right = Self {
            stream: self.stream.clone(),
            id: self.id + middle as u64,
            host: self.host.clone(),
            received_at: self.received_at,
            expires_at: self.expires_at,
            fingerprints: self.fingerprints.split_off(middle),
            records: self.records.split_off(middle),
        };
        (self, right)
    }

    pub(crate) fn read(item: &Item, kind: Detail, batch: &str) -> Result<Self, StoreError> {
        let json = packed::unpack(bytes(item, "z"))?;
        let records: Vec<Record> =
            serde_json::from_slice(&json).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(Self {
            stream: Stream {
                kind,
                batch: batch.to_owned(),
                job: text(item, "job")?.to_owned(),
            },
            id: chunk_id(item)?,
            host: OwnedHost::read(item),
            received_at: Timestamp(number(item, "ra").unwrap_or(0) as i64),
            expires_at: expiry(item),
            fingerprints: fingerprints(item),
            records,
        })
    }
}

fn chunk_id(item: &Item) -> Result<u64, StoreError> {
    text(item, "sk")?
        .parse()
        .map_err(|_| StoreError::Corrupt("chunk key".into()))
}

fn fingerprints(item: &Item) -> Vec<u64> {
    bytes(item, "ids")
        .chunks_exact(8)
        .map(|eight| u64::from_le_bytes(eight.try_into().unwrap_or_default()))
        .collect()
}

/// Direction of a read.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The part of a stream beyond chunk id `from`.
fn beyond(range: Range, from: Option<u64>, order: Order) -> Range {
    let from = from.map(keys::number);
    match (order, from) {
        (Order::OldestFirst, None) => range,
        (Order::OldestFirst, Some(id)) => range.after(&id),
        (Order::NewestFirst, None) => range.newest_first(),
        (Order::NewestFirst, Some(id)) => range.newest_first().below(&id),
    }
}

impl Store {
    /// Fingerprints and row ids of a stream's events, from chunks above `after` on.
    pub async fn known_events(
        &self,
        stream: &Stream,
        after: Option<u64>,
    ) -> Result<(Vec<(u64, u64)>, Option<u64>), StoreError> {
        let pk = keys::chunk_partition(stream.kind, &stream.batch, &stream.job);
        let range = self.table.partition(&pk);
        let range = match after {
            Some(id) => range.after(&keys::number(id)),
            None => range,
        };
        let mut known = Vec::new();
        let mut newest = after;
        for item in range.all().await? {
            let id = chunk_id(&item)?;
            known.extend(fingerprints(&item).into_iter().zip(id..));
            newest = newest.max(Some(id));
        }
        Ok((known, newest))
    }

    /// Every chunk of a stream, oldest first.
    pub async fn chunks(&self, stream: &Stream, now: Timestamp) -> Result<Vec<Chunk>, StoreError> {
        self.read_stream(stream, |range| range, usize::MAX, now)
            .await
    }

    /// Up to `limit` newest chunks of a stream below row id `before`, newest first.
    pub async fn newest_chunks(
        &self,
        stream: &Stream,
        before: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        let part = |range: Range| beyond(range, before, Order::NewestFirst);
        self.read_stream(stream, part, limit, now).await
    }

    /// Up to `limit` oldest chunks of a stream above chunk id `after`, oldest first.
    pub async fn oldest_chunks(
        &self,
        stream: &Stream,
        after: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        let part = |range: Range| beyond(range, after, Order::OldestFirst);
        self.read_stream(stream, part, limit, now).await
    }

    async fn read_stream(
        &self,
        stream: &Stream,
        part: impl FnOnce(Range) -> Range,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        let pk = keys::chunk_partition(stream.kind, &stream.batch, &stream.job);
        let range = part(self.table.partition(&pk)).alive(now);
        let items = range.take(limit).await?;
        let chunk = |item| Chunk::read(item, stream.kind, &stream.batch);
        items.iter().map(chunk).collect()
    }

    /// Up to `limit` oldest log chunks of all jobs of a batch above chunk id `after`, oldest
    /// first.
    pub async fn oldest_batch_logs(
        &self,
        batch: &str,
        after: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        let pk = keys::logs_of_batch(batch);
        let read = |item: &Item| Chunk::read(item, Detail::Logs, batch);
        let found = self.indexed((&pk, after), Order::OldestFirst, limit, now, read);
        let mut chunks = found.await?;
        chunks.sort_by(|a, b| (a.id, &a.stream.job).cmp(&(b.id, &b.stream.job)));
        Ok(chunks)
    }

    /// Up to `limit` newest log chunks of all jobs of a batch below chunk id `before`.
    pub async fn newest_batch_logs(
        &self,
        batch: &str,
        before: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        let pk = keys::logs_of_batch(batch);
        let read = |item: &Item| Chunk::read(item, Detail::Logs, batch);
        let found = self.indexed((&pk, before), Order::NewestFirst, limit, now, read);
        let mut chunks = found.await?;
        chunks.sort_by(|a, b| (b.id, &b.stream.job).cmp(&(a.id, &a.stream.job)));
        Ok(chunks)
    }

    /// Up to `limit` chunks of a partition of gsi1 beyond chunk id `from`, in no order. The index
    /// does not know what is kept until when, so it is asked again for what fell away.
    pub(crate) async fn indexed(
        &self,
        (pk, from): (&str, Option<u64>),
        order: Order,
        limit: usize,
        now: Timestamp,
        read: impl Fn(&Item) -> Result<Chunk, StoreError>,
    ) -> Result<Vec<Chunk>, StoreError> {
        let mut found: Vec<Chunk> = Vec::new();
        let mut from = from;
        loop {
            let wanted = limit - found.len();
            let range = beyond(self.table.index(GSI1, pk), from, order);
            let entries = range.take(wanted).await?;
            let (known, unknown) = self.recent.known(keys_of(&entries)?, now);
            found.extend(known.iter().map(|chunk| Chunk::clone(chunk)));
            for item in self.table.get_many(&unknown).await? {
                let chunk = Arc::new(read(&item)?);
                self.recent.put(key_of(&item)?, &chunk);
                if is_kept(&chunk, now) {
                    found.push(Chunk::clone(&chunk));
                }
            }
            let last = entries.last().filter(|_| entries.len() == wanted);
            from = last.map(chunk_id).transpose()?;
            if from.is_none() || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    /// Stores chunks; a chunk that is there already counts as stored.
    pub async fn put_chunks(&self, chunks: Vec<Chunk>) -> Result<(), StoreError> {
        let mut writes = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            writes.extend(chunk.writes()?);
        }
        // Together, so that a local engine syncs them as one group.
        for outcome in
            futures::future::join_all(writes.into_iter().map(|w| self.table.write(w))).await
        {
            match outcome {
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
