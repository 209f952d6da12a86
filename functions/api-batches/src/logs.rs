//! Log lines page by page, in either direction.

use domain::event::Detail;
use domain::limits::CHUNK_RECORDS;
use domain::time::Timestamp;
use serde_json::Value;
use store::chunks::{Chunk, Row, Stream, rows};
use store::{Store, StoreError};
use web::page::decode_cursor;
use web::{ApiError, ApiResult, Params};
use wire::Code;

/// Chunks read at once.
const STEP: usize = 50;

/// One line as people read it.
pub struct Line {
    /// Row id.
    pub id: u64,
    /// Client's event id.
    pub event_id: Option<String>,
    /// Client's time.
    pub ts: String,
    /// Job; `None` for lines of the batch itself.
    pub job_id: Option<String>,
    /// Lower-case level.
    pub level: String,
    /// Text.
    pub line: String,
}

/// Whose lines.
pub enum Of<'a> {
    /// All jobs of a batch.
    Batch(&'a str),
    /// One job of a batch.
    Job(&'a str, &'a str),
}

impl Of<'_> {
    fn stream(batch: &str, job: &str) -> Stream {
        Stream {
            kind: Detail::Logs,
            batch: batch.to_owned(),
            job: job.to_owned(),
        }
    }

    async fn newest(
        &self,
        store: &Store,
        below: Option<u64>,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        match self {
            Self::Batch(batch) => store.newest_batch_logs(batch, below, STEP, now).await,
            Self::Job(batch, job) => {
                let stream = Self::stream(batch, job);
                store.newest_chunks(&stream, below, STEP, now).await
            }
        }
    }

    async fn oldest(
        &self,
        store: &Store,
        after: Option<u64>,
        now: Timestamp,
    ) -> Result<Vec<Chunk>, StoreError> {
        match self {
            Self::Batch(batch) => store.oldest_batch_logs(batch, after, STEP, now).await,
            Self::Job(batch, job) => {
                let stream = Self::stream(batch, job);
                store.oldest_chunks(&stream, after, STEP, now).await
            }
        }
    }
}

/// Which lines.
pub struct Wish {
    /// Lowest row id first.
    pub ascending: bool,
    /// Only row ids above.
    since: Option<u64>,
    /// Only row ids below.
    before: Option<u64>,
    /// Only these levels, lower-case; empty: all.
    levels: Vec<String>,
    /// Only lines holding this, regardless of case.
    text: Option<String>,
}

impl Wish {
    /// Reads `order`, `since`, `level=warning,error`, `text` and the cursor, which leads on in
    /// the direction of `order`.
    pub fn read(params: &Params) -> ApiResult<Self> {
        let ascending = params.choice("order", &["desc", "asc"])? == "asc";
        let since = params.optional_integer("since", i64::MIN..=i64::MAX)?;
        let since = since.map(|since| u64::try_from(since).unwrap_or(0));
        let cursor = row_cursor(params)?;
        let (since, before) = match ascending {
            true => (since.max(cursor), None),
            false => (since, cursor),
        };
        let levels = params.text("level").unwrap_or_default().to_lowercase();
        let levels = levels.split(',').map(|l| l.trim().to_owned());
        Ok(Self {
            ascending,
            since,
            before,
            levels: levels.filter(|level| !level.is_empty()).collect(),
            text: params
                .text("text")
                .filter(|t| !t.is_empty())
                .map(str::to_lowercase),
        })
    }

    fn admits(&self, line: &Line) -> bool {
        self.since.is_none_or(|since| line.id > since)
            && self.before.is_none_or(|before| line.id < before)
            && (self.levels.is_empty() || self.levels.contains(&line.level.to_lowercase()))
            && self
                .text
                .as_ref()
                .is_none_or(|text| line.line.to_lowercase().contains(text))
    }
}

/// The row id inside a log cursor.
fn row_cursor(params: &Params) -> ApiResult<Option<u64>> {
    decode_cursor(params.text("cursor"))?
        .map(|text| text.parse().map_err(|_| ApiError::new(Code::CursorInvalid)))
        .transpose()
}

/// Chunks looked at for one page at most; a sparse filter answers with a cursor instead.
const LOOKED_AT: usize = 2000;

/// Up to `limit` lines in the wished order; and the row id to go on from, when there may be more.
pub async fn find(
    store: &Store,
    of: Of<'_>,
    wish: &Wish,
    limit: usize,
    now: Timestamp,
) -> Result<(Vec<Line>, Option<u64>), StoreError> {
    match wish.ascending {
        true => oldest(store, of, wish, limit, now).await,
        false => newest(store, of, wish, limit, now).await,
    }
}

async fn newest(
    store: &Store,
    of: Of<'_>,
    wish: &Wish,
    limit: usize,
    now: Timestamp,
) -> Result<(Vec<Line>, Option<u64>), StoreError> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut below = wish.before;
    loop {
        let page = of.newest(store, below, now).await?;
        let exhausted =
            page.len() < STEP || page.iter().any(|c| wish.since.is_some_and(|s| c.id <= s));
        below = page.iter().map(|c| c.id).min().or(below);
        chunks.extend(page);
        let mut lines = lines(&chunks, wish);
        lines.reverse();
        let more = lines.len() > limit;
        if more || exhausted || chunks.len() >= LOOKED_AT {
            lines.truncate(limit);
            let next = match more {
                true => lines.last().map(|l| l.id),
                false => below.filter(|_| !exhausted),
            };
            return Ok((lines, next));
        }
    }
}

async fn oldest(
    store: &Store,
    of: Of<'_>,
    wish: &Wish,
    limit: usize,
    now: Timestamp,
) -> Result<(Vec<Line>, Option<u64>), StoreError> {
    let mut chunks: Vec<Chunk> = Vec::new();
    // A chunk that begins at or below the row may go on above it, but only so far.
    let mut after = wish
        .since
        .map(|row| row.saturating_sub(CHUNK_RECORDS as u64));
    loop {
        let page = of.oldest(store, after, now).await?;
        let exhausted = page.len() < STEP;
        after = page.iter().map(|c| c.id).max().or(after);
        chunks.extend(page);
        let mut lines = lines(&chunks, wish);
        // Rows above the last chunk's first may lie between those of a chunk not read yet.
        let complete = |line: &Line| exhausted || after.is_some_and(|after| line.id <= after);
        lines.truncate(lines.partition_point(complete));
        let more = lines.len() > limit;
        if more || exhausted || chunks.len() >= LOOKED_AT {
            lines.truncate(limit);
            let next = match more {
                true => lines.last().map(|l| l.id),
                false => after.filter(|_| !exhausted),
            };
            return Ok((lines, next));
        }
    }
}

/// The wished lines of `chunks`, lowest row id first. Repeats are dropped in that order, too, so the
/// row id a line was answered with is the one shown.
fn lines(chunks: &[Chunk], wish: &Wish) -> Vec<Line> {
    let mut oldest_first: Vec<Chunk> = chunks.to_vec();
    oldest_first.sort_by_key(|c| c.id);
    let mut lines: Vec<Line> = rows(oldest_first)
        .into_iter()
        .filter_map(line)
        .filter(|line| wish.admits(line))
        .collect();
    lines.sort_by_key(|l| l.id);
    lines
}

/// Reads a stored row; the reporter's keep-alive lines are no output.
fn line(row: Row) -> Option<Line> {
    let data: Value = serde_json::from_str(row.record.data.get()).ok()?;
    let text = |key: &str| data.get(key).and_then(Value::as_str);
    let line = text("line").or(text("message")).unwrap_or_default();
    if line == "heartbeat" && data.get("ts_unix").is_some() {
        return None;
    }
    Some(Line {
        id: row.id,
        event_id: row.record.event_id,
        ts: row.record.time,
        job_id: Some(row.job).filter(|job| !job.is_empty()),
        level: text("level").unwrap_or("info").to_owned(),
        line: line.to_owned(),
    })
}
