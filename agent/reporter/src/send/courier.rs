//! One request after another, and what the answers mean.

use super::{REFUSED, backoff};
use crate::http::{Answer, Client, HttpError, Pulse, Request};
use crate::settings::Settings;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

/// Bodies below this are not worth compressing.
const COMPRESS_BYTES: usize = 1024;
/// How often an event may fail inside the server before it is kept aside.
const INTERNAL_TRIES: u32 = 5;
/// Longest wait that `Retry-After` may ask for.
const RETRY_AFTER: Duration = Duration::from_secs(300);

/// Why events have to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No answer.
    Unreachable(String),
    /// An answer that means trouble on the server's side.
    Trouble(String),
    /// Too many requests.
    Busy,
    /// The token is refused.
    Token(String),
    /// There is no such route: not an Argus server, or a wrong path.
    Route(String),
    /// The pulse ended it.
    GivenUp,
}

/// Nothing was lost; try again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub after: Duration,
    /// Why.
    pub cause: Cause,
}

/// What became of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events the server has now.
    pub stored: u64,
    /// Of these, events it had before.
    pub known: u64,
    /// Events it will never take, by their place, with its reason.
    pub refused: Vec<(usize, String)>,
    /// Batches among them, and whether somebody asked them to stop. Empty with servers that do
    /// not say.
    pub stop: BTreeMap<String, bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Zstd,
}

/// Sends events to one server.
#[derive(Debug)]
pub struct Courier {
    client: Client,
    encoding: Option<Encoding>,
    /// Something on the way does not take what the server offers: compress no more.
    plain: bool,
    failures: u32,
    internal: u32,
}

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    results: Vec<Row>,
    #[serde(default)]
    stop: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
struct Row {
    status: String,
    #[serde(default)]
    error: Option<String>,
}

enum Verdict {
    Stored(Answered),
    Split(String),
    /// The same again, not compressed.
    Plain,
    Wait(Wait),
}

impl Courier {
    /// A courier to the server of `settings`.
    ///
    /// # Errors
    /// See [`Client::new`].
    pub fn new(settings: &Settings) -> Result<Self, HttpError> {
        Ok(Self {
            client: Client::new(settings)?,
            encoding: None,
            plain: false,
            failures: 0,
            internal: 0,
        })
    }

    /// The client below.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Sends events. When the server refuses a request as a whole, its halves are sent on their
    /// own until the event it cannot take is alone. Repeating after a [`Wait`] stores nothing
    /// twice.
    ///
    /// # Errors
    /// [`Wait`]: nothing can be said yet.
    pub fn send(&mut self, lines: &[Vec<u8>], pulse: Pulse<'_>) -> Result<Report, Wait> {
        let mut report = Report::default();
        let mut parts: Vec<_> = std::iter::once(0..lines.len()).collect();
        while let Some(part) = parts.pop() {
            match self.post(&lines[part.clone()], pulse) {
                Verdict::Stored(answered) => {
                    self.note(&mut report, part.start, part.len(), answered)?;
                }
                Verdict::Split(reason) if part.len() == 1 => {
                    report.refused.push((part.start, reason));
                }
                Verdict::Split(_) => {
                    let middle = part.start + part.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
                Verdict::Plain => {
                    self.plain = true;
                    parts.push(part);
                }
                Verdict::Wait(wait) => return Err(wait),
            }
        }
        (self.failures, self.internal) = (0, 0);
        Ok(report)
    }

    fn note(
        &mut self,
        report: &mut Report,
        start: usize,
        count: usize,
        answered: Answered,
    ) -> Result<(), Wait> {
        report.stop.extend(answered.stop);
        let mut refused = 0;
        for (i, row) in answered.results.into_iter().enumerate() {
            let reason = row.error.unwrap_or_default();
            match row.status.as_str() {
                "rejected" if reason.starts_with("internal") && self.internal < INTERNAL_TRIES => {
                    self.internal += 1;
                    return Err(self.wait(Cause::Trouble(reason), None));
                }
                "rejected" => {
                    refused += 1;
                    report.refused.push((start + i, reason));
                }
                "deduplicated" => report.known += 1,
                _ => {}
            }
        }
        report.stored += (count as u64).saturating_sub(refused);
        Ok(())
    }

    fn wait(&mut self, cause: Cause, after: Option<Duration>) -> Wait {
        let usual = backoff(self.failures);
        self.failures += 1;
        let after = match (&cause, after) {
            (_, Some(asked)) => asked.min(RETRY_AFTER) + usual.mul_f64(0.1),
            (Cause::Token(_) | Cause::Route(_), None) => REFUSED,
            _ => usual,
        };
        Wait { after, cause }
    }

    fn post(&mut self, lines: &[Vec<u8>], pulse: Pulse<'_>) -> Verdict {
        let mut body = Vec::with_capacity(lines.iter().map(|l| l.len() + 1).sum::<usize>() + 16);
        body.extend_from_slice(b"{\"events\":[");
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                body.push(b',');
            }
            body.extend_from_slice(line);
        }
        body.extend_from_slice(b"]}");
        let packed = self.packed(&body);
        let mut request = Request::json("POST", "/api/events/batch", &body);
        if let Some((word, packed)) = &packed {
            request
                .headers
                .push(("Content-Encoding", (*word).to_owned()));
            request.body = Some(packed);
        }
        match self.client.call_paced(&request, pulse) {
            Ok(answer) => match (self.judge(answer, packed.is_some()), &packed) {
                // Before an event is given up: was it the event, or its wrapping?
                (Verdict::Split(_), Some(_)) if lines.len() == 1 => Verdict::Plain,
                (verdict, _) => verdict,
            },
            Err(HttpError::GivenUp) => Verdict::Wait(self.wait(Cause::GivenUp, None)),
            Err(error) => Verdict::Wait(self.wait(Cause::Unreachable(error.to_string()), None)),
        }
    }

    /// Bodies are compressed once the server said which encodings it takes: an `Accept-Encoding`
    /// header in an answer, as RFC 7694 has it.
    fn packed(&self, body: &[u8]) -> Option<(&'static str, Vec<u8>)> {
        if body.len() < COMPRESS_BYTES || self.plain {
            return None;
        }
        match self.encoding? {
            Encoding::Zstd => Some(("zstd", zstd::bulk::compress(body, 1).ok()?)),
            Encoding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(body).ok()?;
                Some(("gzip", encoder.finish().ok()?))
            }
        }
    }

    fn judge(&mut self, answer: Answer, packed: bool) -> Verdict {
        let says = |answer: &Answer| format!("HTTP {}: {}", answer.status, answer.detail());
        if let Some(accepted) = answer.header("accept-encoding") {
            self.encoding = accepted_encoding(accepted);
        }
        match answer.status {
            200..=299 => match serde_json::from_slice(&answer.body) {
                Ok(answered) => Verdict::Stored(answered),
                // A login page of some proxy is no receipt.
                Err(_) => {
                    Verdict::Wait(self.wait(Cause::Route("not an Argus server".into()), None))
                }
            },
            400 | 415 if packed => Verdict::Plain,
            401 | 403 => {
                let after = self.client.refresh_token().then_some(Duration::ZERO);
                Verdict::Wait(self.wait(Cause::Token(says(&answer)), after))
            }
            429 => {
                let after = answer.retry_after();
                Verdict::Wait(self.wait(Cause::Busy, after))
            }
            400 | 413 | 415 | 422 => Verdict::Split(says(&answer)),
            408 | 500..=599 => {
                let after = answer.retry_after();
                Verdict::Wait(self.wait(Cause::Trouble(says(&answer)), after))
            }
            _ => Verdict::Wait(self.wait(Cause::Route(says(&answer)), None)),
        }
    }
}

fn accepted_encoding(header: &str) -> Option<Encoding> {
    let takes = |word: &str| {
        header.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(word));
            named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
    };
    match (takes("zstd"), takes("gzip")) {
        (true, _) => Some(Encoding::Zstd),
        (_, true) => Some(Encoding::Gzip),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_used_only_when_offered() {
        assert_eq!(accepted_encoding("gzip, zstd"), Some(Encoding::Zstd));
        assert_eq!(accepted_encoding("GZIP;q=0.5"), Some(Encoding::Gzip));
        assert_eq!(accepted_encoding("gzip;q=0, br"), None);
        assert_eq!(accepted_encoding("identity"), None);
    }
}
