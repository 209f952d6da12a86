//! The records: what a run said about itself, one protobuf message each.

use crate::import::model::{Batch, Job, Line, Outcome};
use crate::import::proto::{Field, fields, first, timestamp};
use crate::moment::Moment;
use serde_json::{Map, Value};

/// Fields of `Record`.
mod kind {
    pub const HISTORY: u64 = 2;
    pub const SUMMARY: u64 = 3;
    pub const OUTPUT: u64 = 4;
    pub const CONFIG: u64 = 5;
    pub const ALERT: u64 = 10;
    pub const OUTPUT_RAW: u64 = 13;
    pub const RUN: u64 = 17;
    pub const EXIT: u64 = 18;
    pub const ENVIRONMENT: u64 = 26;
}
/// `OutputType.STDERR`.
const STDERR: i64 = 0;

/// A run as far as it was read.
#[derive(Default)]
pub struct Story {
    /// Facts of the run; its id is still the tracker's own.
    pub batch: Batch,
    /// Its only job.
    pub job: Job,
    /// Console text without its line end yet.
    partial: String,
    step: i64,
}

/// One named value, however the client version wrote it.
struct Item {
    key: String,
    value: Value,
}

impl Story {
    /// Takes a record in; what is not understood is passed over.
    pub fn read(&mut self, record: &[u8]) -> Option<()> {
        for (number, field) in fields(record)? {
            let message = field.bytes();
            let _ = match number {
                kind::HISTORY => self.history(message),
                kind::SUMMARY => self.summary(message),
                kind::CONFIG => self.config(message),
                kind::OUTPUT | kind::OUTPUT_RAW => self.output(message),
                kind::ALERT => self.alert(message),
                kind::RUN => self.run(message),
                kind::EXIT => self.exit(message),
                kind::ENVIRONMENT => self.environment(message),
                _ => None,
            };
        }
        Some(())
    }

    fn history(&mut self, message: &[u8]) -> Option<()> {
        let message = fields(message)?;
        let mut values = Vec::new();
        let mut at = None;
        let mut step = None;
        for (number, field) in &message {
            match number {
                1 => {
                    let item = item(field.bytes())?;
                    match item.key.as_str() {
                        "_timestamp" => at = item.value.as_f64().map(Moment::of_secs),
                        "_step" => step = item.value.as_i64(),
                        _ => flatten(&item.key, &item.value, &mut values),
                    }
                }
                2 => {
                    step = step.or(Some(
                        first(&fields(field.bytes())?, 1).map_or(0, Field::integer),
                    ))
                }
                _ => {}
            }
        }
        let step = step.unwrap_or(self.step);
        self.step = step + 1;
        let at = at.or_else(|| self.job.points.values().next_back().map(|point| point.at));
        let at = at.or(self.job.started).unwrap_or_default();
        // Keys that begin with a line under them are the tracker's own.
        for (key, value) in values.iter().filter(|(key, _)| !key.starts_with('_')) {
            self.job.add(step, at, key, *value);
        }
        Some(())
    }

    fn summary(&mut self, message: &[u8]) -> Option<()> {
        for (number, field) in fields(message)? {
            if number == 1 {
                let item = item(field.bytes())?;
                let mut values = Vec::new();
                flatten(&item.key, &item.value, &mut values);
                let own = values.into_iter().filter(|(key, _)| !key.starts_with('_'));
                self.job.summary.extend(own);
            }
        }
        Some(())
    }

    fn config(&mut self, message: &[u8]) -> Option<()> {
        for (number, field) in fields(message)? {
            let item = item(field.bytes())?;
            if item.key.starts_with('_') {
                continue;
            }
            match number {
                1 => self.job.params.insert(item.key, item.value),
                2 => self.job.params.remove(&item.key),
                _ => None,
            };
        }
        Some(())
    }

    /// Text comes in pieces that need not end where lines do.
    fn output(&mut self, message: &[u8]) -> Option<()> {
        let message = fields(message)?;
        let at = first(&message, 2).and_then(|field| timestamp(field.bytes()));
        let is_error = first(&message, 1).map_or(STDERR, Field::integer) == STDERR;
        self.partial.push_str(&first(&message, 3)?.text());
        while let Some((line, rest)) = self.partial.split_once('\n') {
            // What a carriage return overwrote nobody saw for long.
            let text = line
                .trim_end_matches('\r')
                .rsplit('\r')
                .next()
                .unwrap_or(line);
            self.job.lines.push(Line {
                at: at.map(Moment::of_secs),
                text: text.to_owned(),
                level: if is_error { "error" } else { "info" },
            });
            self.partial = rest.to_owned();
        }
        Some(())
    }

    fn alert(&mut self, message: &[u8]) -> Option<()> {
        let message = fields(message)?;
        let text = |number| first(&message, number).map(Field::text).unwrap_or_default();
        self.job.lines.push(Line {
            at: None,
            text: format!("{}: {}", text(1), text(2)),
            level: if text(3).eq_ignore_ascii_case("error") {
                "error"
            } else {
                "warning"
            },
        });
        Some(())
    }

    fn run(&mut self, message: &[u8]) -> Option<()> {
        let message = fields(message)?;
        let text = |number| {
            let text = first(&message, number).map(Field::text);
            text.filter(|text| !text.is_empty())
        };
        let batch = &mut self.batch;
        batch.id = text(1)?;
        batch.project = text(3).unwrap_or_default();
        batch.name = text(8);
        batch.notes = text(9);
        batch.host = text(13);
        let tags = message
            .iter()
            .filter(|(number, _)| *number == 10)
            .map(|(_, tag)| tag.text());
        batch.tags = tags.collect();
        batch
            .tags
            .extend(text(6).map(|group| format!("group:{group}")));
        batch
            .tags
            .extend(text(12).map(|sweep| format!("sweep:{sweep}")));
        if let Some(git) = first(&message, 21).and_then(|git| fields(git.bytes())) {
            batch.commit = first(&git, 2)
                .map(Field::text)
                .filter(|commit| !commit.is_empty());
        }
        let started = first(&message, 17).and_then(|field| timestamp(field.bytes()));
        self.job.started = started.map(Moment::of_secs).or(self.job.started);
        self.step = first(&message, 14).map_or(self.step, Field::integer);
        // Without an exit record the process was killed, or it still runs.
        self.job.outcome = Outcome::Running;
        if let Some(config) = first(&message, 4) {
            self.config(config.bytes());
        }
        Some(())
    }

    fn exit(&mut self, message: &[u8]) -> Option<()> {
        let message = fields(message)?;
        let code = first(&message, 1).map_or(0, Field::integer) as i32;
        self.job.outcome = if code == 0 {
            Outcome::Done
        } else {
            Outcome::Failed
        };
        self.job.error = (code != 0).then(|| format!("exit code {code}"));
        let runtime = first(&message, 2)
            .map(Field::integer)
            .filter(|secs| *secs > 0);
        let ended = runtime
            .zip(self.job.started)
            .map(|(secs, at)| Moment(at.0 + secs * 1000));
        self.job.ended = ended.filter(|ended| self.job.points.values().all(|p| p.at <= *ended));
        Some(())
    }

    fn environment(&mut self, message: &[u8]) -> Option<()> {
        let message = fields(message)?;
        let text = |number| {
            let text = first(&message, number).map(Field::text);
            text.filter(|text| !text.is_empty())
        };
        let arguments = message
            .iter()
            .filter(|(number, _)| *number == 5)
            .map(|(_, a)| a.text());
        let program = text(7).or_else(|| text(6));
        self.batch.command = program
            .map(|program| {
                std::iter::once(program)
                    .chain(arguments)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .or(self.batch.command.take());
        self.batch.host = text(12).or(self.batch.host.take());
        self.batch.user = text(13).or(self.batch.user.take());
        Some(())
    }
}

/// Key, nested key, and a value that older clients write as JSON and newer ones by type.
fn item(message: &[u8]) -> Option<Item> {
    let message = fields(message)?;
    let mut path = Vec::new();
    let mut value = Value::Null;
    for (number, field) in message {
        match number {
            1 | 2 => path.push(field.text()),
            4 => value = (field.integer() != 0).into(),
            5 => value = field.zigzag().into(),
            6 => value = special(field.real()),
            7 => value = field.text().into(),
            8 | 16 => value = parse(&field.text()),
            _ => {}
        }
    }
    Some(Item {
        key: path.join("."),
        value,
    })
}

/// JSON as Python writes it.
fn parse(text: &str) -> Value {
    let parsed = serde_json::from_str(text);
    parsed.unwrap_or_else(|_| Value::from(text))
}

fn special(value: f64) -> Value {
    match value.is_finite() {
        true => value.into(),
        false => value.to_string().into(),
    }
}

/// Numbers inside `value`, named by their path; texts and media are left out.
fn flatten(key: &str, value: &Value, into: &mut Vec<(String, f64)>) {
    match value {
        Value::Number(number) => into.extend(number.as_f64().map(|v| (key.to_owned(), v))),
        Value::Bool(truth) => into.push((key.to_owned(), f64::from(u8::from(*truth)))),
        Value::String(word) => {
            let number = match word.as_str() {
                "NaN" => Some(f64::NAN),
                "Infinity" | "inf" => Some(f64::INFINITY),
                "-Infinity" | "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            };
            into.extend(number.map(|v| (key.to_owned(), v)));
        }
        Value::Object(inner) if !is_media(inner) => {
            for (name, value) in inner {
                flatten(&format!("{key}.{name}"), value, into);
            }
        }
        _ => {}
    }
}

fn is_media(object: &Map<String, Value>) -> bool {
    object.contains_key("_type")
}
