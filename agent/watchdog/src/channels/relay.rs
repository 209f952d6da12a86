//! Relay: events for other programs of the host's owner, through its own command. What it does not
//! take waits in a file and is sent again.

use super::Delivery;
use crate::exec;
use crate::problem::Severity;
use crate::settings;
use crate::state;
use crate::time::Stamp;
use serde_json::value::RawValue;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Size from which on a file of waiting events is moved away, in bytes.
const LARGEST: u64 = 10 * 1024 * 1024;
/// Most events sent again in one cycle.
const REPLAY: usize = 20;

/// How Relay is called.
pub struct Relay {
    bin: PathBuf,
    to: String,
    from: String,
    limit: Duration,
}

/// What kind of event it is, for Relay's own sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A problem.
    Problem,
    /// The summary of a day.
    Summary,
}

/// A problem as an event, its keys in the order readers know.
#[must_use]
pub fn event(severity: Severity, is_alert: bool, message: &str, host: &str, at: Stamp) -> String {
    #[derive(serde::Serialize)]
    struct Event<'a> {
        r#type: &'a str,
        source: &'a str,
        event: &'a str,
        severity: &'a str,
        problem_type: &'a str,
        message: &'a str,
        action_taken: &'a str,
        host: &'a str,
        timestamp: Stamp,
    }
    let event = Event {
        r#type: "alert",
        source: "argus",
        event: "argus.problem",
        severity: severity.name(),
        problem_type: if is_alert { "alert" } else { "observation" },
        message,
        action_taken: if is_alert { "alert" } else { "log" },
        host,
        timestamp: at,
    };
    serde_json::to_string(&event).unwrap_or_default()
}

impl Relay {
    /// The one the settings name; `None` when switched off or not installed.
    #[must_use]
    pub fn of(settings: &settings::Relay) -> Option<Self> {
        (settings.enabled && exec::is_executable(&settings.bin)).then(|| Self {
            bin: settings.bin.clone(),
            to: settings.to.clone(),
            from: settings.from.clone(),
            limit: Duration::from_secs(settings.timeout),
        })
    }

    /// Sends one event.
    pub fn send(&self, event: &str, urgency: Urgency) -> Delivery {
        let (priority, tags) = match urgency {
            Urgency::Problem => ("high", "argus,problem,alert"),
            Urgency::Summary => ("medium", "argus,summary,daily"),
        };
        let arguments = [
            "send",
            &self.to,
            event,
            "--agent",
            &self.from,
            "--priority",
            priority,
            "--tag",
            tags,
        ];
        match exec::output(&self.bin, &arguments, None, self.limit) {
            Ok(_) => Delivery::Delivered,
            Err(e) => Delivery::Later(None, e.to_string()),
        }
    }

    /// Sends what waits in `file` again, oldest first; stops at the first failure. Returns how many
    /// arrived.
    pub fn replay(&self, file: &Path, urgency: Urgency) -> io::Result<usize> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(e),
        };
        // Older files hold documents written over several lines, so documents are read, not lines.
        let mut waiting: Vec<String> = Vec::new();
        let mut stream = serde_json::Deserializer::from_str(&text).into_iter::<Box<RawValue>>();
        while let Some(Ok(document)) = stream.next() {
            waiting.push(compact(&document));
        }
        let rest = text[stream.byte_offset().min(text.len())..].trim();
        let mut sent = 0;
        while sent < waiting.len().min(REPLAY)
            && self.send(&waiting[sent], urgency) == Delivery::Delivered
        {
            sent += 1;
        }
        if sent > 0 {
            let mut left: Vec<&str> = waiting[sent..].iter().map(String::as_str).collect();
            if !rest.is_empty() {
                left.push(rest);
            }
            state::replace_lines(file, &left)?;
        }
        Ok(sent)
    }
}

/// The document on one line, its keys where they were.
fn compact(document: &RawValue) -> String {
    let (mut inside, mut escaped) = (false, false);
    let keep = |c: &char| {
        let blank = !inside && c.is_ascii_whitespace();
        if !escaped && *c == '"' {
            inside = !inside;
        }
        escaped = inside && !escaped && *c == '\\';
        !blank
    };
    document.get().chars().filter(keep).collect()
}

/// Puts an event that was not taken into `file`.
pub(crate) fn keep(file: &Path, event: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    state::rotate(file, LARGEST, 1)?;
    let raw = RawValue::from_string(event.to_owned()).map_err(io::Error::other)?;
    state::append(file, &raw)
}
