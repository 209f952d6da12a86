//! Events as they are written to disk and sent.

use crate::clock::{self, Stamp};
use crate::ids::EventIds;
use crate::json::{self, Object};
use serde_json::{Map, Value};

/// Version of the event schema this crate writes.
pub const SCHEMA_VERSION: &str = "1.1";

/// Free fields of an event.
pub type Fields = Map<String, Value>;

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A batch begins, or goes on after a restart.
    BatchStart,
    /// A batch ended well.
    BatchDone,
    /// A batch ended with an error.
    BatchFailed,
    /// A job begins.
    JobStart,
    /// One epoch of a job.
    JobEpoch,
    /// A job ended well.
    JobDone,
    /// A job ended with an error.
    JobFailed,
    /// Gauges of the host.
    ResourceSnapshot,
    /// One line of output.
    LogLine,
    /// Facts about code and environment.
    EnvSnapshot,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::BatchStart,
        Self::BatchDone,
        Self::BatchFailed,
        Self::JobStart,
        Self::JobEpoch,
        Self::JobDone,
        Self::JobFailed,
        Self::ResourceSnapshot,
        Self::LogLine,
        Self::EnvSnapshot,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchStart => "batch_start",
            Self::BatchDone => "batch_done",
            Self::BatchFailed => "batch_failed",
            Self::JobStart => "job_start",
            Self::JobEpoch => "job_epoch",
            Self::JobDone => "job_done",
            Self::JobFailed => "job_failed",
            Self::ResourceSnapshot => "resource_snapshot",
            Self::LogLine => "log_line",
            Self::EnvSnapshot => "env_snapshot",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Kinds that are nothing without a job.
    pub fn needs_job(self) -> bool {
        use Kind::{JobDone, JobEpoch, JobFailed, JobStart};
        matches!(self, JobStart | JobEpoch | JobDone | JobFailed)
    }

    /// Kinds there may be very many of; the others are never dropped for want of room.
    pub fn is_detail(self) -> bool {
        matches!(
            self,
            Self::JobEpoch | Self::LogLine | Self::ResourceSnapshot
        )
    }
}

/// Where events come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Project.
    pub project: String,
    /// Host name.
    pub host: Option<String>,
    /// User of the operating system.
    pub user: Option<String>,
    /// Short commit.
    pub commit: Option<String>,
    /// Command line.
    pub command: Option<String>,
}

/// An event of any kind, for those who bring their own ids and times: importers, tools.
#[derive(Clone, Debug)]
pub struct Event {
    /// Kind.
    pub kind: Kind,
    /// Job it belongs to.
    pub job_id: Option<String>,
    /// Client's id, 8 to 64 characters; a random UUID when `None`. The server keeps one event per
    /// id for ever, so a stable id makes repeating harmless.
    pub event_id: Option<String>,
    /// RFC 3339 time; now when `None`.
    pub timestamp: Option<String>,
    /// What it says.
    pub data: Fields,
}

impl Event {
    /// An event that happens now.
    pub fn new(kind: Kind, job_id: Option<&str>, data: Fields) -> Self {
        Self {
            kind,
            job_id: job_id.map(str::to_owned),
            event_id: None,
            timestamp: None,
            data,
        }
    }
}

/// The middle of every event of one batch and job: all that does not change from event to event.
#[derive(Clone, Debug)]
pub struct Middle(Vec<u8>);

impl Middle {
    /// Prepares it.
    pub fn new(batch_id: &str, job_id: Option<&str>, source: &Source) -> Self {
        let mut out = Vec::with_capacity(256);
        let mut object = Object::begin(&mut out);
        object
            .text("schema_version", Some(SCHEMA_VERSION))
            .text("batch_id", Some(batch_id));
        match job_id {
            Some(job) => object.text("job_id", Some(job)),
            None => object.value("job_id", &Value::Null),
        };
        let mut inner = Object::begin(object.key("source"));
        inner
            .text("project", Some(&source.project))
            .text("host", source.host.as_deref())
            .text("user", source.user.as_deref())
            .text("commit", source.commit.as_deref())
            .text("command", source.command.as_deref());
        inner.end();
        out.extend_from_slice(b",\"data\":");
        // The opening brace is written by whoever writes the head.
        out[0] = b',';
        Self(out)
    }
}

/// Appends everything up to `data`, whose value and a closing brace come next. The kind is the
/// first key, where it is found again without reading the rest.
pub fn write_head(
    out: &mut Vec<u8>,
    kind: Kind,
    ids: &mut EventIds,
    stamp: &Stamp,
    middle: &Middle,
) {
    out.extend_from_slice(b"{\"event_type\":\"");
    out.extend_from_slice(kind.as_str().as_bytes());
    out.extend_from_slice(b"\",\"event_id\":\"");
    ids.write_next(out);
    out.extend_from_slice(b"\",\"timestamp\":\"");
    out.extend_from_slice(stamp);
    out.push(b'"');
    out.extend_from_slice(&middle.0);
}

/// Appends a whole event whose id and time may be given.
pub fn write(out: &mut Vec<u8>, event: &Event, ids: &mut EventIds, middle: &Middle) {
    out.extend_from_slice(b"{\"event_type\":\"");
    out.extend_from_slice(event.kind.as_str().as_bytes());
    out.extend_from_slice(b"\",\"event_id\":");
    match &event.event_id {
        Some(id) => json::text(out, id),
        None => {
            out.push(b'"');
            ids.write_next(out);
            out.push(b'"');
        }
    }
    out.extend_from_slice(b",\"timestamp\":");
    match &event.timestamp {
        Some(time) => json::text(out, time),
        None => json::text(out, &clock::now_text()),
    }
    out.extend_from_slice(&middle.0);
    let mut object = Object::begin(out);
    for (key, value) in &event.data {
        object.value(key, value);
    }
    object.end();
    out.push(b'}');
}

/// The kind of a written event. Events of other writers have their keys in another order.
pub fn kind_of(line: &[u8]) -> Option<Kind> {
    let ours = line.strip_prefix(b"{\"event_type\":\"");
    let rest = ours.or_else(|| {
        let at = memchr::memmem::find(line, b"\"event_type\"")? + 12;
        let rest = line.get(at..)?.trim_ascii_start().strip_prefix(b":")?;
        rest.trim_ascii_start().strip_prefix(b"\"")
    })?;
    let end = memchr::memchr(b'"', rest)?;
    Kind::parse(std::str::from_utf8(&rest[..end]).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_has_exactly_the_keys_of_the_contract() {
        let source = Source {
            project: "p".into(),
            host: Some("h".into()),
            ..Source::default()
        };
        let middle = Middle::new("b-1", None, &source);
        let mut ids = EventIds::new();
        let mut out = Vec::new();
        let data = json!({"reason": "x", "nothing": null});
        let event = Event::new(
            Kind::BatchFailed,
            None,
            data.as_object().cloned().expect("fields"),
        );
        write(&mut out, &event, &mut ids, &middle);
        let mut read: Value = serde_json::from_slice(&out).expect("JSON");
        let id = read["event_id"].take();
        assert_eq!(id.as_str().map(str::len), Some(36));
        assert_eq!(read["timestamp"].take().as_str().map(str::len), Some(24));
        let expected = json!({"event_type": "batch_failed", "event_id": null, "timestamp": null,
            "schema_version": "1.1", "batch_id": "b-1", "source": {"project": "p", "host": "h"},
            "data": {"reason": "x"}});
        assert_eq!(read, expected);
        assert_eq!(kind_of(&out), Some(Kind::BatchFailed));
        let foreign = br#"{"event_id": "x", "event_type": "log_line", "data": {}}"#;
        assert_eq!(kind_of(foreign), Some(Kind::LogLine));
        assert_eq!(kind_of(b"{}"), None);
    }
}
