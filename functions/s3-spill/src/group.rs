//! A group of lines: read, judged and delivered together.

use crate::lines::{Broken, Line, Lines};
use api_ingest::{Delivered, Posted, Verdict, read_json};
use domain::limits::{SPILL_GROUP_BYTES, SPILL_GROUP_EVENTS, SPILL_LINE_BYTES, SPILL_REJECTS};
use domain::spill::{Progress, RejectedLine};
use wire::{Code, Invalid, Locale};

/// Longest reason kept for a refused line.
const REASON_CHARS: usize = 300;

/// Lines on their way.
#[derive(Default)]
pub struct Group {
    /// Events to deliver.
    pub posted: Vec<Posted>,
    /// Line number and event id of each.
    origins: Vec<(u64, Option<String>)>,
    refused: Vec<RejectedLine>,
    lines: u64,
    position: u64,
    /// Why no group follows; `Ok` at the end of the file.
    pub ended: Option<Result<(), Broken>>,
}

impl Group {
    /// Reads the next lines; `done` of the file were read before.
    pub async fn read(lines: &mut Lines<'_>, done: u64) -> Self {
        let mut group = Self {
            lines: done,
            position: lines.position(),
            ..Self::default()
        };
        let first = group.position;
        while group.posted.len() + group.refused.len() < SPILL_GROUP_EVENTS
            && group.position - first < SPILL_GROUP_BYTES as u64
        {
            match lines.next().await {
                Ok(Some(line)) => {
                    group.lines += 1;
                    group.position = lines.position();
                    group.add(&line);
                }
                Ok(None) => {
                    group.ended = Some(Ok(()));
                    break;
                }
                Err(broken) => {
                    group.ended = Some(Err(broken));
                    break;
                }
            }
        }
        group
    }

    fn add(&mut self, line: &Line) {
        let text = match line {
            Line::Text(text) => text.trim_ascii(),
            Line::TooLong => {
                let params = [SPILL_LINE_BYTES.to_string()];
                return self.refuse(Code::LineTooLong, &params, None);
            }
        };
        if text.is_empty() {
            return;
        }
        let value = match read_json(text) {
            Ok(value) => value,
            Err(error) => return self.refuse(Code::LineInvalid, &[error.to_string()], None),
        };
        let id = value["event_id"].as_str();
        // A malformed id may be anything.
        let id = id.map(|id| id.chars().take(64).collect::<String>());
        match Posted::read(value) {
            Ok(posted) => {
                self.origins.push((self.lines, id));
                self.posted.push(posted);
            }
            Err(problems) => self.refuse_with(Code::Validation, describe(&problems), id),
        }
    }

    fn refuse(&mut self, code: Code, params: &[String], id: Option<String>) {
        self.refuse_with(code, code.text(Locale::English, params), id);
    }

    fn refuse_with(&mut self, code: Code, reason: String, event_id: Option<String>) {
        self.refused.push(RejectedLine {
            line: self.lines,
            event_id,
            code: code.as_str().to_owned(),
            reason: shortened(&reason),
        });
    }

    /// Adds the outcome to the progress of the file.
    pub fn conclude(mut self, delivered: Delivered, progress: &mut Progress) {
        for ((line, event_id), verdict) in self.origins.into_iter().zip(delivered.verdicts) {
            match verdict {
                Verdict::Accepted(_) => progress.accepted += 1,
                Verdict::Duplicate(_) => progress.duplicate += 1,
                Verdict::Rejected(reject) => self.refused.push(RejectedLine {
                    line,
                    event_id,
                    code: reject.code.as_str().to_owned(),
                    reason: shortened(&reject.code.text(Locale::English, &reject.params)),
                }),
            }
        }
        self.refused.sort_by_key(|rejected| rejected.line);
        progress.rejected += self.refused.len() as u64;
        let room = SPILL_REJECTS.saturating_sub(progress.rejects.len());
        progress.rejects.extend(self.refused.into_iter().take(room));
        progress.lines = self.lines;
        progress.bytes = self.position;
    }
}

/// A reason may quote what the client sent; the progress must stay small enough to be stored.
fn shortened(reason: &str) -> String {
    reason.chars().take(REASON_CHARS).collect()
}

/// The first problem of an envelope in words.
fn describe(problems: &[Invalid]) -> String {
    let Some(first) = problems.first() else {
        return String::new();
    };
    let place: Vec<String> = first
        .loc
        .iter()
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect();
    match place.is_empty() {
        true => first.msg.clone(),
        false => format!("{}: {}", place.join("."), first.msg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_problem_names_its_place() {
        let problem = Invalid::at(
            &["source", "project"],
            "missing",
            "Field required",
            Value::Null,
        );
        assert_eq!(describe(&[problem]), "source.project: Field required");
        assert_eq!(describe(&[]), "");
    }
}
