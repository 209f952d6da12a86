//! Issues for people, kept with `bd`. Without that program there are none, and nothing else changes.

use crate::exec;
use crate::problem::{Kind, Severity};
use crate::settings;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// Longest wait for one call.
const LIMIT: Duration = Duration::from_secs(20);

/// The program and the folder it works in.
pub struct Beads {
    program: PathBuf,
    workdir: PathBuf,
    priority: u8,
}

/// What an issue says.
pub struct Bead<'a> {
    /// About what.
    pub kind: Kind,
    /// How bad.
    pub severity: Severity,
    /// For people.
    pub description: &'a str,
    /// Action and target.
    pub action_taken: &'a str,
    /// What came of it.
    pub action_result: &'a str,
    /// How often it was seen in the window.
    pub occurrences: u32,
    /// Host.
    pub host: &'a str,
    /// `<type>:<16 digits>`, by which an open issue is found again.
    pub key: &'a str,
}

impl Beads {
    /// `None` when the program is not on `path`, or its folder is not there.
    #[must_use]
    pub fn of(settings: &settings::Beads, path: &str) -> Option<Self> {
        let program = exec::find("bd", path)?;
        settings.workdir.is_dir().then(|| Self {
            program,
            workdir: settings.workdir.clone(),
            priority: settings.priority,
        })
    }

    /// The open issue of this key, or a new one. Errors are for the log.
    pub fn attach(&self, bead: &Bead<'_>) -> Result<String, String> {
        let key_line = format!("Problem key: {}", bead.key);
        if let Some(known) = self.open(&key_line)? {
            return Ok(known);
        }
        let title = format!(
            "[argus] {}: {}",
            bead.kind.name(),
            crate::text::clean(bead.description, 120)
        );
        let body = format!(
            "The watchdog of {host} needs somebody's attention.\n\nType: {kind}\nSeverity: {severity}\n\
             Description: {description}\nAction taken: {action}\nAction result: {result}\n\
             Occurrences in window: {count}\nHost: {host}\n\n{key_line}\n",
            host = bead.host,
            kind = bead.kind.name(),
            severity = bead.severity.name(),
            description = bead.description,
            action = bead.action_taken,
            result = bead.action_result,
            count = bead.occurrences,
        );
        self.create(&title, &body, self.priority, "argus")
    }

    fn open(&self, key_line: &str) -> Result<Option<String>, String> {
        let listed = self.run(&["list", "--status", "open", "--json"])?;
        let listed: Value = serde_json::from_str(listed.trim()).map_err(|e| e.to_string())?;
        let issues = listed.as_array().map(Vec::as_slice).unwrap_or_default();
        let fits = |issue: &&Value| {
            let text = issue["description"].as_str().unwrap_or_default();
            text.lines().any(|line| line.trim() == key_line)
        };
        Ok(issues
            .iter()
            .find(fits)
            .and_then(|issue| issue["id"].as_str())
            .map(str::to_owned))
    }

    /// Makes an issue; its id.
    pub fn create(
        &self,
        title: &str,
        body: &str,
        priority: u8,
        labels: &str,
    ) -> Result<String, String> {
        let priority = priority.to_string();
        let made = self.run(&[
            "create",
            "--title",
            title,
            "--description",
            body,
            "--priority",
            &priority,
            "--labels",
            labels,
            "--silent",
        ])?;
        let id: String = made.split_whitespace().collect();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if id.is_empty() || !id.bytes().all(plain) {
            return Err("bd gave no id".into());
        }
        Ok(id)
    }

    /// Priority of new issues.
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.priority
    }

    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        exec::output(&self.program, arguments, Some(&self.workdir), LIMIT)
            .map_err(|e| e.to_string())
    }
}
