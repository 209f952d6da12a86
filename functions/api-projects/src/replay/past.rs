//! Reading what is stored of a run, within bounds.

use domain::batch::Batch;
use domain::event::Detail;
use domain::guardrail::replay::{Past, Point};
use domain::job::Job;
use domain::status::job_is_failed;
use domain::time::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use store::chunks::{Chunk, Row, Stream, rows};
use store::{Store, StoreError};
use wire::coerce::stored_number;

/// Rows one answer looks at.
const ROWS: usize = 200_000;
/// Chunks read at once.
const CHUNKS: usize = 100;
/// Lines kept of a failed job: its last ones.
const LINES: usize = 200;

/// How much one answer may still look at of what is kept now.
pub struct Budget {
    rows: usize,
    now: Timestamp,
}

impl Budget {
    /// All of it.
    pub fn new(now: Timestamp) -> Self {
        Self { rows: ROWS, now }
    }

    /// Whether nothing is left of it.
    pub fn is_spent(&self) -> bool {
        self.rows == 0
    }
}

type Data = Map<String, Value>;

fn data(row: &Row) -> Data {
    serde_json::from_str(row.record.data.get()).unwrap_or_default()
}

/// The client's time: what came late is judged by when it happened.
fn at(row: &Row) -> Timestamp {
    Timestamp::parse(&row.record.time).unwrap_or(row.received_at)
}

/// Reads a run.
pub async fn read<'a>(
    store: &Store,
    batch: &'a Batch,
    jobs: &'a [Job],
    budget: &mut Budget,
) -> Result<Past<'a>, StoreError> {
    let mut past = Past {
        batch,
        jobs,
        losses: BTreeMap::new(),
        samples: vec![],
        signs: vec![],
        lines: BTreeMap::new(),
    };
    let stream = |kind, job: &str| Stream {
        kind,
        batch: batch.id.clone(),
        job: job.to_owned(),
    };
    let snapshots = stream(Detail::Snapshots, "");
    for row in all(store, &snapshots, budget).await? {
        past.signs.push(at(&row));
        past.samples
            .push(wire::processes::sample(&data(&row), at(&row)));
    }
    past.samples.sort_by_key(|sample| sample.at);
    for job in jobs {
        let mut points: Vec<Point> = vec![];
        for row in all(store, &stream(Detail::Epochs, &job.id), budget).await? {
            past.signs.push(at(&row));
            points.extend(point(&row));
        }
        points.sort_by_key(|point| point.at);
        past.losses.insert(job.id.clone(), points);
    }
    logs(store, &mut past, budget).await?;
    Ok(past)
}

fn point(row: &Row) -> Option<Point> {
    let data = data(row);
    Some(Point {
        at: at(row),
        attempt: row.record.attempt,
        epoch: data.get("epoch")?.as_i64()?,
        loss: data.get("val_loss").and_then(stored_number)?,
    })
}

/// The rows of a stream as far as the budget goes, oldest first.
async fn all(store: &Store, stream: &Stream, budget: &mut Budget) -> Result<Vec<Row>, StoreError> {
    let (mut chunks, mut after): (Vec<Chunk>, Option<u64>) = (vec![], None);
    while !budget.is_spent() {
        let read = store
            .oldest_chunks(stream, after, CHUNKS, budget.now)
            .await?;
        after = read.last().map(|chunk| chunk.id);
        let (count, is_all) = (records(&read), read.len() < CHUNKS);
        budget.rows = budget.rows.saturating_sub(count);
        chunks.extend(read);
        if is_all {
            break;
        }
    }
    Ok(rows(chunks))
}

fn records(chunks: &[Chunk]) -> usize {
    chunks.iter().map(|chunk| chunk.records.len()).sum()
}

/// When the batch logged something, and what its failed jobs said last.
async fn logs(store: &Store, past: &mut Past<'_>, budget: &mut Budget) -> Result<(), StoreError> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for job in past.jobs.iter().filter(|job| job_is_failed(&job.status)) {
        lines.insert(job.id.clone(), job.error.clone().into_iter().collect());
    }
    let mut after = None;
    while !budget.is_spent() {
        let read = store
            .oldest_batch_logs(&past.batch.id, after, CHUNKS, budget.now)
            .await?;
        after = read.last().map(|chunk| chunk.id);
        let (count, is_all) = (records(&read), read.len() < CHUNKS);
        budget.rows = budget.rows.saturating_sub(count);
        for row in rows(read) {
            past.signs.push(at(&row));
            if let Some(kept) = lines.get_mut(&row.job) {
                let data = data(&row);
                let line = data.get("line").or(data.get("message"));
                kept.extend(line.and_then(Value::as_str).map(str::to_owned));
                // The reason comes first and stays.
                if kept.len() > LINES {
                    kept.remove(1);
                }
            }
        }
        if is_all {
            break;
        }
    }
    past.lines = lines;
    Ok(())
}
