//! What processes did, one row for each and day. A process adds up in memory and writes its own row about
//! once a minute: no two write the same one, and nobody waits for it more often. What it did in its last
//! minute is lost with it.

use crate::Store;
use crate::capacity::Capacity;
use crate::error::StoreError;
use crate::item::{decode, encode, n};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use aws_sdk_dynamodb::Client;
use domain::spend::Spent;
use domain::time::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Time between two writes of a process.
const EVERY: Duration = Duration::from_secs(60);
/// How long rows are kept, seconds.
const KEPT_SECS: i64 = 100 * 86_400;
/// Most rows read of a day.
const ROWS: usize = 10_000;
/// Longest page of objects.
const PAGE: usize = 1000;

/// What this process did on a day.
#[derive(Debug)]
struct Today {
    row: Option<u64>,
    day: String,
    spent: Spent,
    saved: Instant,
}

/// Adds up what this process does.
#[derive(Debug)]
pub struct Spending {
    capacity: Capacity,
    today: Mutex<Today>,
}

impl Default for Spending {
    fn default() -> Self {
        let today = Today {
            row: None,
            day: String::new(),
            spent: Spent::default(),
            saved: Instant::now(),
        };
        Self {
            capacity: Capacity::default(),
            today: Mutex::new(today),
        }
    }
}

impl Spending {
    pub(crate) fn counted(&self, client: &Client) -> Client {
        self.capacity.count(client)
    }

    fn lock(&self) -> MutexGuard<'_, Today> {
        self.today.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, or a run of scheduled work, that took so long and was answered by so many bytes.
    pub fn answered(&self, took: Duration, bytes: u64) {
        let mut today = self.lock();
        today.spent.requests += 1;
        today.spent.busy_secs += took.as_secs_f64();
        today.spent.bytes_out += bytes;
    }

    /// Counts a stream that was open for so long.
    pub fn streamed(&self, took: Duration) {
        self.lock().spent.stream_secs += took.as_secs_f64();
    }

    /// Whether it is time to write; says so to one caller.
    pub fn is_due(&self) -> bool {
        let mut today = self.lock();
        let due = today.saved.elapsed() >= EVERY;
        if due {
            today.saved = Instant::now();
        }
        due
    }
}

/// The day (UTC) of an instant, `2026-11-21`.
pub fn day(at: Timestamp) -> String {
    at.to_text().chars().take(10).collect()
}

impl Store {
    /// Writes what this process did so far.
    pub async fn save_spending(&self, now: Timestamp) -> Result<(), StoreError> {
        let fresh = self.row_ids.take(now, 1);
        let (row, day_of_row, spent) = {
            let used = self.spending.capacity.take();
            let mut today = self.spending.lock();
            today.spent.write_units += used.write_units;
            today.spent.read_units += used.reads.units;
            today.saved = Instant::now();
            let (day, row) = (day(now), today.row.unwrap_or(fresh));
            let begun = std::mem::replace(&mut today.day, day.clone());
            let spent = today.spent;
            let over = !begun.is_empty() && begun != day;
            // What happened around midnight belongs to the day it was begun on.
            today.row = Some(if over { fresh } else { row });
            if over {
                today.spent = Spent::default();
            }
            (row, if over { begun } else { day }, spent)
        };
        if spent.is_nothing() {
            return Ok(());
        }
        let mut item = encode(&keys::spent(&day_of_row, row), 1, &spent)?;
        item.insert(TTL.into(), n(now.plus_secs(KEPT_SECS).secs()));
        self.table.write(Write::Put(item, Expect::Anything)).await
    }

    /// What all processes did on a day.
    pub async fn spent_on(&self, day: &str) -> Result<Spent, StoreError> {
        let mut sum = Spent::default();
        for item in self
            .table
            .partition(&keys::spent_on(day))
            .take(ROWS)
            .await?
        {
            sum += decode::<Spent>(&item)?.value;
        }
        Ok(sum)
    }

    /// Bytes of the table; some hours old where a service counts them.
    pub async fn table_bytes(&self) -> Result<u64, StoreError> {
        let describe = self.table.client().describe_table();
        let answer = describe.table_name(self.table.name()).send().await;
        let answer = answer.map_err(crate::error::classify)?;
        let bytes = answer.table().and_then(|table| table.table_size_bytes());
        Ok(bytes.and_then(|b| u64::try_from(b).ok()).unwrap_or(0))
    }

    /// Bytes of the bucket's first objects, up to `most` pages of them, and whether these are all.
    pub async fn bucket_bytes(&self, most: usize) -> Result<(u64, bool), StoreError> {
        let (mut bytes, mut after) = (0, String::new());
        for _ in 0..most {
            let page = self.blobs.list("", &after, PAGE).await?;
            bytes += page.iter().map(|object| object.size).sum::<u64>();
            match page.last() {
                Some(last) if page.len() == PAGE => after.clone_from(&last.key),
                _ => return Ok((bytes, true)),
            }
        }
        Ok((bytes, false))
    }
}
