//! Log lines, newest first, page by page.

use domain::event::Detail;
use serde_json::Value;
use store::chunks::{Chunk, Row, Stream, rows};
use store::{Store, StoreError};

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

/// Up to `limit` lines with row ids above `since` and below `before`, newest row first; and the
/// row id to go on below, when there may be more.
pub async fn newest(
    store: &Store,
    of: Of<'_>,
    since: Option<u64>,
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Line>, Option<u64>), StoreError> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut below = before;
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
        let exhausted = page.len() < STEP || page.iter().any(|c| since.is_some_and(|s| c.id <= s));
        below = page.iter().map(|c| c.id).min().or(below);
        chunks.extend(page);
        let lines = lines(&chunks, since, before);
        if lines.len() > limit || exhausted {
            let more = lines.len() > limit;
            let lines: Vec<Line> = lines.into_iter().take(limit).collect();
            let next = lines.last().map(|l| l.id).filter(|_| more);
            return Ok((lines, next));
        }
    }
}

/// Repeats are dropped oldest first, so the row id a line was answered with is the one shown.
fn lines(chunks: &[Chunk], since: Option<u64>, before: Option<u64>) -> Vec<Line> {
    let mut oldest_first: Vec<Chunk> = chunks.to_vec();
    oldest_first.sort_by_key(|c| c.id);
    let mut lines: Vec<Line> = rows(oldest_first)
        .into_iter()
        .filter(|row| since.is_none_or(|s| row.id > s) && before.is_none_or(|b| row.id < b))
        .filter_map(line)
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
