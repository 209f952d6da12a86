//! Large backlogs as one file: a ticket, the upload, and a look at how far its replay got.

use super::backoff;
use super::courier::{Cause, Wait};
use crate::http::{Client, HttpError, Pulse, Request, Url};
use crate::settings::Settings;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::time::Duration;

/// A backlog of full segments of this size is uploaded instead of posted.
pub const UPLOAD_BYTES: u64 = 16 * 1024 * 1024;
/// How long sending the file may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Between two looks at the replay.
const LOOK: Duration = Duration::from_millis(500);
/// So many looks may show no progress before the events are posted after all.
const PATIENCE: u32 = 120;

/// An upload that is being replayed.
#[derive(Debug)]
pub struct Upload {
    id: u64,
    /// Segments in it.
    pub segments: Vec<u64>,
    seen: Value,
    idle: u32,
}

/// How an upload stands.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// Look again later.
    Going(Duration),
    /// Every line was looked at: stored, refused, and the first refused ones with reasons.
    Done(u64, u64, Vec<(Option<String>, String)>),
    /// The server gave up, or has no such route: post the events.
    Impossible(String),
}

impl Upload {
    /// Uploads events, each with a line end. `None` when the server takes no uploads now.
    ///
    /// # Errors
    /// [`Wait`]: nothing can be said yet.
    pub fn begin(
        client: &mut Client,
        settings: &Settings,
        segments: Vec<u64>,
        lines: &[u8],
        pulse: Pulse<'_>,
    ) -> Result<Option<Self>, Wait> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = lines
            .chunks(1 << 20)
            .try_for_each(|chunk| {
                // Compressing 16 MB takes longer than a flush interval.
                pulse();
                encoder.write_all(chunk)
            })
            .and_then(|()| encoder.finish());
        let Ok(packed) = packed else { return Ok(None) };
        let wish = json!({"filename": "spool.jsonl.gz", "size_bytes": packed.len(),
            "sha256": hex::encode(Sha256::digest(&packed))});
        let wish = wish.to_string().into_bytes();
        let request = Request::json("POST", "/api/events/spill", &wish);
        let ticket = client.call_paced(&request, pulse).map_err(wait)?;
        match ticket.status {
            201 => {}
            429 | 500..=599 => return Err(later(&format!("HTTP {}", ticket.status))),
            // An original server, too many uploads, a token that may not: events can be posted.
            _ => return Ok(None),
        }
        let ticket = ticket.json();
        let (id, url) = (ticket["id"].as_u64(), ticket["url"].as_str());
        let (Some(id), Some(url)) = (id, url) else {
            return Ok(None);
        };
        let headers = ticket["headers"].as_object().cloned().unwrap_or_default();
        let sent = put(settings, url, &headers, &packed, pulse)?;
        Ok(sent.then_some(Self {
            id,
            segments,
            seen: Value::Null,
            idle: 0,
        }))
    }

    /// Asks how far the replay is.
    ///
    /// # Errors
    /// [`Wait`]: nothing can be said yet.
    pub fn look(&mut self, client: &mut Client, pulse: Pulse<'_>) -> Result<Progress, Wait> {
        let path = format!("/api/events/spill/{}", self.id);
        let answer = client
            .call_paced(&Request::new("GET", &path), pulse)
            .map_err(wait)?;
        if answer.status == 429 || answer.status >= 500 {
            return Err(later(&format!("HTTP {}", answer.status)));
        }
        if !answer.is_success() {
            return Ok(Progress::Impossible(answer.detail()));
        }
        let shown = answer.json();
        let number = |name: &str| shown[name].as_u64().unwrap_or(0);
        match shown["state"].as_str() {
            Some("done") => {
                let rows = shown["rejects"].as_array().cloned().unwrap_or_default();
                let text = |row: &Value, name: &str| row[name].as_str().map(str::to_owned);
                let rows = rows.iter().map(|row| {
                    (
                        text(row, "event_id"),
                        text(row, "reason").unwrap_or_default(),
                    )
                });
                let stored = number("accepted") + number("duplicate");
                Ok(Progress::Done(stored, number("rejected"), rows.collect()))
            }
            Some("failed") => Ok(Progress::Impossible(shown["fault"].to_string())),
            _ => {
                let moved = self.seen != shown["lines_done"];
                self.seen = shown["lines_done"].clone();
                self.idle = if moved { 0 } else { self.idle + 1 };
                match self.idle > PATIENCE {
                    true => Ok(Progress::Impossible("the replay stands still".into())),
                    false => Ok(Progress::Going(LOOK)),
                }
            }
        }
    }
}

fn put(
    settings: &Settings,
    url: &str,
    headers: &serde_json::Map<String, Value>,
    body: &[u8],
    pulse: Pulse<'_>,
) -> Result<bool, Wait> {
    let Ok(mut target) = Url::parse(url) else {
        return Ok(false);
    };
    // The address is signed: its path and query go out exactly as they came.
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]).to_owned();
    target.prefix = String::new();
    let mut request = Request::new("PUT", &path);
    request.timeout = TIMEOUT;
    request.body = Some(body);
    for (name, value) in headers {
        let own = ["host", "content-length"].contains(&name.to_ascii_lowercase().as_str());
        if let (Some(value), false) = (value.as_str(), own) {
            request.headers.push((name, value.to_owned()));
        }
    }
    let mut bucket = Client::elsewhere(target, settings);
    let answer = bucket.call_paced(&request, pulse).map_err(wait)?;
    match answer.status {
        500..=599 => Err(later(&format!("the bucket answered {}", answer.status))),
        _ => Ok(answer.is_success()),
    }
}

fn wait(error: HttpError) -> Wait {
    let cause = match error {
        HttpError::GivenUp => Cause::GivenUp,
        other => Cause::Unreachable(other.to_string()),
    };
    Wait {
        after: backoff(2),
        cause,
    }
}

fn later(what: &str) -> Wait {
    Wait {
        after: backoff(2),
        cause: Cause::Trouble(what.to_owned()),
    }
}
