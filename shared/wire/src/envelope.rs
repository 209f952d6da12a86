//! The event as a client posts it: envelope first, payload second.
//!
//! A bad envelope refuses the whole request; a bad payload only its own event.

use crate::error::Code;
use crate::invalid::{Invalid, Reject};
use crate::payload;
use domain::event::{Event, EventKind, Source};
use domain::limits;
use domain::time::ClientTime;
use serde_json::{Map, Value, json};

/// The schema version the server speaks.
pub const SCHEMA_VERSION: &str = "1.1";

const KEYS: [&str; 8] = [
    "schema_version",
    "event_type",
    "timestamp",
    "batch_id",
    "job_id",
    "source",
    "data",
    "event_id",
];
const SOURCE_KEYS: [&str; 5] = ["project", "host", "user", "commit", "command"];

/// An event whose envelope has the right shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// As sent; only `1.1` is accepted, see [`Envelope::check`].
    pub schema_version: String,
    /// Client's id, possibly missing.
    pub event_id: Option<String>,
    /// Kind.
    pub kind: EventKind,
    /// As sent.
    pub timestamp: String,
    /// Which batch.
    pub batch_id: String,
    /// Which job.
    pub job_id: Option<String>,
    /// Where from.
    pub source: Source,
    /// Payload, not yet looked at.
    pub data: Map<String, Value>,
}

/// Collects problems while an object is taken apart.
struct Reader<'a> {
    loc: &'a [Value],
    problems: Vec<Invalid>,
}

impl Reader<'_> {
    fn refuse(&mut self, path: &[&str], rule: &'static str, msg: &str, input: Value) {
        let mut loc = self.loc.to_vec();
        loc.extend(path.iter().map(|p| json!(p)));
        self.problems.push(Invalid {
            rule,
            loc,
            msg: msg.to_owned(),
            input,
        });
    }

    fn text(
        &mut self,
        map: &mut Map<String, Value>,
        path: &[&str],
        needed: bool,
    ) -> Option<String> {
        match map.remove(path[path.len() - 1]) {
            Some(Value::String(text)) => Some(text),
            None if needed => {
                self.refuse(
                    path,
                    "missing",
                    "Field required",
                    Value::Object(map.clone()),
                );
                None
            }
            None => None,
            Some(Value::Null) if !needed => None,
            Some(other) => {
                self.refuse(path, "string_type", "Input should be a valid string", other);
                None
            }
        }
    }

    fn length(&mut self, path: &[&str], text: Option<&str>, min: usize, max: usize) {
        let Some(text) = text else { return };
        let chars = text.chars().count();
        if chars < min {
            let msg = format!("String should have at least {min} characters");
            self.refuse(path, "string_too_short", &msg, json!(text));
        } else if chars > max {
            let msg = format!("String should have at most {max} characters");
            self.refuse(path, "string_too_long", &msg, json!(text));
        }
    }

    fn no_extras(&mut self, map: &Map<String, Value>, parent: &[&str], known: &[&str]) {
        for (key, value) in map {
            if !known.contains(&key.as_str()) {
                let path = [parent, &[key]].concat();
                let msg = "Extra inputs are not permitted";
                self.refuse(&path, "extra_forbidden", msg, value.clone());
            }
        }
    }
}

impl Envelope {
    /// Reads one posted event. `loc` is its place in the request (`["body"]` or
    /// `["body", "events", 3]`).
    pub fn read(value: Value, loc: &[Value]) -> Result<Self, Vec<Invalid>> {
        let mut reader = Reader {
            loc,
            problems: vec![],
        };
        let Value::Object(mut map) = value else {
            let msg = "Input should be a valid dictionary or object";
            reader.refuse(&[], "model_attributes_type", msg, value);
            return Err(reader.problems);
        };
        reader.no_extras(&map, &[], &KEYS);
        let schema_version = reader.text(&mut map, &["schema_version"], true);
        let kind = read_kind(&mut reader, &mut map);
        let timestamp = reader.text(&mut map, &["timestamp"], true);
        let batch_id = reader.text(&mut map, &["batch_id"], true);
        reader.length(
            &["batch_id"],
            batch_id.as_deref(),
            1,
            limits::BATCH_ID_CHARS,
        );
        let job_id = reader.text(&mut map, &["job_id"], false);
        reader.length(&["job_id"], job_id.as_deref(), 0, limits::JOB_ID_CHARS);
        let event_id = reader.text(&mut map, &["event_id"], false);
        let event_id = event_id.filter(|id| !id.trim().is_empty());
        let (min, max) = (limits::EVENT_ID_MIN_CHARS, limits::EVENT_ID_MAX_CHARS);
        reader.length(&["event_id"], event_id.as_deref(), min, max);
        let source = read_source(&mut reader, &mut map);
        let data = match map.remove("data") {
            None => Map::new(),
            Some(Value::Object(data)) => data,
            Some(other) => {
                reader.refuse(
                    &["data"],
                    "dict_type",
                    "Input should be a valid dictionary",
                    other,
                );
                Map::new()
            }
        };
        match (schema_version, kind, timestamp, batch_id, source) {
            (Some(schema_version), Some(kind), Some(timestamp), Some(batch_id), Some(source))
                if reader.problems.is_empty() =>
            {
                Ok(Self {
                    schema_version,
                    event_id,
                    kind,
                    timestamp,
                    batch_id,
                    job_id,
                    source,
                    data,
                })
            }
            _ => Err(reader.problems),
        }
    }

    /// Version and id: what is refused before anything is looked up.
    pub fn check(&self) -> Result<&str, Reject> {
        if self.schema_version != SCHEMA_VERSION {
            return Err(Reject::new(Code::SchemaUnsupported, [&self.schema_version]));
        }
        match &self.event_id {
            Some(id) => Ok(id),
            None => Err(Reject::new(Code::EventIdMissing, [""; 0])),
        }
    }

    /// Reads the payload and the time: the event as the rules see it.
    pub fn into_event(mut self) -> Result<Event, Reject> {
        let event_id = self.check()?.to_owned();
        let facts = payload::read(self.kind, &mut self.data)?;
        if self.kind.needs_job() && self.job_id.is_none() {
            return Err(Reject::new(Code::JobIdMissing, [self.kind.as_str()]));
        }
        let time = ClientTime::parse(&self.timestamp).ok_or_else(|| {
            Reject::new(Code::TimestampInvalid, [format!("{:?}", self.timestamp)])
        })?;
        let data_json = Value::Object(self.data).to_string();
        if data_json.len() > limits::EVENT_BYTES {
            return Err(Reject::new(Code::EventTooLarge, [limits::EVENT_BYTES]));
        }
        Ok(Event {
            event_id,
            kind: self.kind,
            time,
            batch_id: self.batch_id,
            job_id: self.job_id,
            source: self.source,
            facts,
            data_json,
        })
    }
}

fn read_kind(reader: &mut Reader<'_>, map: &mut Map<String, Value>) -> Option<EventKind> {
    let word = reader.text(map, &["event_type"], true)?;
    let kind = EventKind::parse(&word);
    if kind.is_none() {
        let words: Vec<String> = EventKind::ALL
            .iter()
            .map(|k| format!("'{}'", k.as_str()))
            .collect();
        let msg = format!("Input should be {}", words.join(", "));
        reader.refuse(&["event_type"], "literal_error", &msg, json!(word));
    }
    kind
}

fn read_source(reader: &mut Reader<'_>, map: &mut Map<String, Value>) -> Option<Source> {
    let mut source = match map.remove("source") {
        Some(Value::Object(source)) => source,
        None => {
            let rest = Value::Object(map.clone());
            reader.refuse(&["source"], "missing", "Field required", rest);
            return None;
        }
        Some(other) => {
            let msg = "Input should be a valid dictionary or object";
            reader.refuse(&["source"], "model_attributes_type", msg, other);
            return None;
        }
    };
    reader.no_extras(&source, &["source"], &SOURCE_KEYS);
    let project = reader.text(&mut source, &["source", "project"], true);
    if project.as_deref().is_some_and(|p| p.trim().is_empty()) {
        let msg = "String should have at least 1 character";
        reader.refuse(&["source", "project"], "string_too_short", msg, json!(""));
    }
    let mut optional = |name| reader.text(&mut source, &["source", name], false);
    let (host, user) = (optional("host"), optional("user"));
    let (commit, command) = (optional("commit"), optional("command"));
    Some(Source {
        project: project?,
        host,
        user,
        commit,
        command,
    })
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
