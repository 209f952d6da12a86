//! Snapshots of several sources as one list, newest first.
//!
//! A source is a host as one owner's batches know it. Sources are read in steps; a row counts as
//! found once no unread chunk of any source can come before it.

use crate::known_hosts::KnownHost;
use domain::ids::time_ordered_id;
use domain::limits::{CLOCK_AHEAD_SECS, HOST_TOUCH_SECS};
use domain::time::Timestamp;
use futures::stream::{StreamExt, TryStreamExt, iter};
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;
use store::chunks::{Chunk, Record};
use store::hosts::OwnedHost;
use store::{Store, StoreError};
use wire::snapshot::{Gauges, ResourceSnapshotOut};

/// Fewest and most chunks read of one source at once.
const STEP: (usize, usize) = (20, 500);
/// Rows looked at for one page at most; a sparse filter answers with a cursor instead of reading
/// on.
const LOOKED_AT: usize = 20_000;
/// Sources read at the same time.
const SIDE_BY_SIDE: usize = 8;

/// One snapshot.
pub struct Snapshot {
    /// Row id.
    pub id: u64,
    /// Batch that reported it.
    pub batch: String,
    /// Host.
    pub host: String,
    /// Client's time.
    pub at: Timestamp,
    /// The record.
    pub record: Record,
}

impl Snapshot {
    /// What was reported.
    pub fn data(&self) -> Map<String, Value> {
        serde_json::from_str(self.record.data.get()).unwrap_or_default()
    }

    /// As readers get it.
    pub fn view(self) -> ResourceSnapshotOut {
        let gauges = Gauges::read(&self.data());
        ResourceSnapshotOut {
            id: self.id,
            host: self.host,
            timestamp: self.record.time,
            gauges,
        }
    }
}

/// What to read.
pub struct Wish {
    /// Only snapshots from this client's time on.
    pub since: Option<Timestamp>,
    /// Only rows below this id.
    pub before: Option<u64>,
    /// Rows wanted.
    pub limit: usize,
}

struct Source {
    of: OwnedHost,
    /// The only batches whose snapshots count.
    only: Option<Arc<HashSet<String>>>,
    /// Everything from this chunk id on was read.
    read_from: u64,
    exhausted: bool,
}

/// The newest snapshots of `hosts`, and the row id to go on below when there may be more.
pub async fn newest(
    store: &Store,
    hosts: &[KnownHost],
    wish: &Wish,
    now: Timestamp,
) -> Result<(Vec<Snapshot>, Option<u64>), StoreError> {
    let before = wish.before.unwrap_or(u64::MAX);
    // Row ids are times of arrival, which bounds how far back a client's time can lie.
    let oldest = wish.since.map_or(0, |since| {
        time_ordered_id(since.plus_secs(-CLOCK_AHEAD_SECS), 0)
    });
    let mut sources: Vec<Source> = hosts
        .iter()
        .map(|host| Source::new(host, before, oldest))
        .collect();
    let step = (wish.limit / hosts.len().max(1) + 1).clamp(STEP.0, STEP.1);
    let step = step.min(wish.limit + 1);
    let mut seen = HashSet::new();
    let mut rows: Vec<Snapshot> = Vec::new();
    let mut looked_at = 0;
    loop {
        sources.retain(|source| !source.exhausted);
        sources.sort_by_key(|source| Reverse(source.read_from));
        let complete_from = sources.first().map(|source| source.read_from);
        let complete = rows.iter().filter(|row| complete_from <= Some(row.id));
        // A page must get somewhere, however much was looked at for it.
        let tired = looked_at >= LOOKED_AT && complete_from < Some(before);
        if complete_from.is_none() || complete.count() > wish.limit || tired {
            return Ok(page(rows, complete_from, wish.limit));
        }
        // Whoever is furthest behind holds up the others.
        let ahead = sources.split_off(sources.len().min(SIDE_BY_SIDE));
        let behind = std::mem::replace(&mut sources, ahead);
        let mut reads = iter(behind)
            .map(|source| source.read(store.clone(), oldest, step, now))
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some((source, chunks)) = reads.try_next().await? {
            sources.push(source);
            for chunk in chunks {
                looked_at += chunk.records.len();
                let found = snapshots(chunk, &mut seen).into_iter();
                rows.extend(found.filter(|row| {
                    row.id < before && wish.since.is_none_or(|since| row.at >= since)
                }));
            }
        }
    }
}

impl Source {
    /// A host that was last seen at some time has no chunks that came later, so that hosts long
    /// silent are not asked before their turn.
    fn new(host: &KnownHost, before: u64, oldest: u64) -> Self {
        let entry = &host.entry;
        let last = entry.last_seen.plus_secs(2 * HOST_TOUCH_SECS);
        let read_from = before.min(time_ordered_id(last, u64::MAX));
        Self {
            of: entry.of.clone(),
            only: host.only.clone(),
            read_from,
            exhausted: read_from < oldest,
        }
    }

    /// Reads the next chunks.
    async fn read(
        mut self,
        store: Store,
        oldest: u64,
        step: usize,
        now: Timestamp,
    ) -> Result<(Self, Vec<Chunk>), StoreError> {
        let before = Some(self.read_from);
        let chunks = store.newest_snapshots(&self.of, before, step, now).await?;
        self.exhausted = chunks.len() < step || chunks.iter().any(|chunk| chunk.id < oldest);
        let last = chunks.iter().map(|chunk| chunk.id).min();
        self.read_from = last.unwrap_or(self.read_from);
        let counts = |chunk: &Chunk| {
            let only = self.only.as_ref();
            only.is_none_or(|only| only.contains(&chunk.stream.batch))
        };
        let chunks = chunks.into_iter().filter(counts).collect();
        Ok((self, chunks))
    }
}

/// The rows of a chunk, without events seen before: two instances can store the same one.
fn snapshots(chunk: Chunk, seen: &mut HashSet<(String, u64)>) -> Vec<Snapshot> {
    let Chunk {
        stream,
        id,
        host,
        received_at,
        expires_at: _,
        fingerprints,
        records,
    } = chunk;
    let host = host.map(|of| of.host).unwrap_or_default();
    (id..)
        .zip(fingerprints.into_iter().zip(records))
        .filter(|(_, (print, _))| seen.insert((stream.batch.clone(), *print)))
        .map(|(id, (_, record))| Snapshot {
            id,
            batch: stream.batch.clone(),
            host: host.clone(),
            at: Timestamp::parse(&record.time).unwrap_or(received_at),
            record,
        })
        .collect()
}

fn page(
    mut rows: Vec<Snapshot>,
    complete_from: Option<u64>,
    limit: usize,
) -> (Vec<Snapshot>, Option<u64>) {
    rows.retain(|row| complete_from <= Some(row.id));
    rows.sort_by(|a, b| (Reverse(a.id), &a.host).cmp(&(Reverse(b.id), &b.host)));
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = match more {
        true => rows.last().map(|row| row.id),
        false => complete_from,
    };
    (rows, next)
}
