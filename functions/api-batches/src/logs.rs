//! Log lines, newest first, page by page.

use domain::event::Detail;
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

/// Which lines.
#[derive(Default)]
pub struct Wish {
    /// Only row ids above.
    pub since: Option<u64>,
    /// Only row ids below.
    pub before: Option<u64>,
    /// Only these levels, lower-case; empty: all.
    levels: Vec<String>,
    /// Only lines holding this, regardless of case.
    text: Option<String>,
}

impl Wish {
    /// Reads `level=warning,error`, `text` and the cursor.
    pub fn read(params: &Params) -> ApiResult<Self> {
        let levels = params.text("level").unwrap_or_default().to_lowercase();
        let levels = levels.split(',').map(|l| l.trim().to_owned());
        Ok(Self {
            since: None,
            before: row_cursor(params)?,
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

/// Up to `limit` lines, newest row first; and the row id to go on below, when there may be more.
pub async fn newest(
    store: &Store,
    of: Of<'_>,
    wish: &Wish,
    limit: usize,
) -> Result<(Vec<Line>, Option<u64>), StoreError> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut below = wish.before;
    loop {
        let page = match of {
            Of::Batch(batch) => store.newest_batch_logs(batch, below, STEP).await?,
            Of::Job(batch, job) => {
                let (batch, job) = (batch.to_owned(), job.to_owned());
                let stream = Stream {
                    kind: Detail::Logs,
                    batch,
                    job,
                };
                store.newest_chunks(&stream, below, STEP).await?
            }
        };
        let exhausted =
            page.len() < STEP || page.iter().any(|c| wish.since.is_some_and(|s| c.id <= s));
        below = page.iter().map(|c| c.id).min().or(below);
        chunks.extend(page);
        let lines = lines(&chunks, wish);
        let more = lines.len() > limit;
        if more || exhausted || chunks.len() >= LOOKED_AT {
            let lines: Vec<Line> = lines.into_iter().take(limit).collect();
            let next = match more {
                true => lines.last().map(|l| l.id),
                false => below.filter(|_| !exhausted),
            };
            return Ok((lines, next));
        }
    }
}

/// Repeats are dropped oldest first, so the row id a line was answered with is the one shown.
fn lines(chunks: &[Chunk], wish: &Wish) -> Vec<Line> {
    let mut oldest_first: Vec<Chunk> = chunks.to_vec();
    oldest_first.sort_by_key(|c| c.id);
    let mut lines: Vec<Line> = rows(oldest_first)
        .into_iter()
        .filter_map(line)
        .filter(|line| wish.admits(line))
        .collect();
    lines.sort_by_key(|l| std::cmp::Reverse(l.id));
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
