//! What comes back again and again, found in the registry, and reported once a day at most.

use crate::beads::Beads;
use crate::registry::{self, Row};
use crate::settings::Settings;
use crate::state;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Occurrences that make a pattern.
const OFTEN: u64 = 3;
/// Different processes that are counted.
const NAMES: usize = 1000;

/// What `patterns` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// When.
    pub generated_at: Stamp,
    /// Days looked back.
    pub window_days: u64,
    /// Rows in the window.
    pub total_problems: u64,
    /// What was found: services, disks, memory, hours.
    pub patterns: Vec<Pattern>,
}

/// Something that comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// Names it.
    pub id: String,
    /// `service_restart_spike`, `disk_pressure_trend`, `memory_hog_recurring` or `time_correlation`.
    pub r#type: String,
    /// `warning` or `info`.
    pub severity: String,
    /// In a sentence.
    pub summary: String,
    /// What to do.
    pub recommendation: String,
    /// Figures.
    pub data: Value,
}

#[derive(Default)]
struct Counts {
    total: u64,
    restarts: BTreeMap<String, u64>,
    disk_rows: u64,
    disk_days: BTreeSet<String>,
    hogs: BTreeMap<String, u64>,
    hours: BTreeMap<u32, u64>,
}

/// Reads the registry once.
pub fn analyse(settings: &Settings, now: Stamp) -> io::Result<Analysis> {
    let window_days = settings.patterns.window_days;
    let mut counts = Counts::default();
    registry::each(&settings.files.problems, now, window_days, |row, at| {
        counts.take(row, at);
    })?;
    Ok(Analysis {
        generated_at: now,
        window_days,
        total_problems: counts.total,
        patterns: counts.patterns(),
    })
}

impl Counts {
    fn take(&mut self, row: &Row<'_>, at: Stamp) {
        self.total += 1;
        *self.hours.entry(at.hour()).or_default() += 1;
        let action = row.action_taken.as_deref().unwrap_or_default();
        match row.kind.as_deref() {
            Some("service") if action.starts_with("restart_service") => {
                *self.restarts.entry(at.day()).or_default() += 1;
            }
            Some("disk") => {
                self.disk_rows += 1;
                self.disk_days.insert(at.day());
            }
            Some("memory") => {
                let text = row.description.as_deref().unwrap_or_default();
                if let Some((_, rest)) = text.split_once("hog_process=") {
                    let name = rest.split([',', ';', ' ']).next().unwrap_or_default();
                    if !name.is_empty() && (self.hogs.len() < NAMES || self.hogs.contains_key(name))
                    {
                        *self.hogs.entry(name.to_owned()).or_default() += 1;
                    }
                }
            }
            _ => {}
        }
    }

    fn patterns(&self) -> Vec<Pattern> {
        let mut found = Vec::new();
        let mut add = |id: String,
                       kind: &str,
                       severity: &str,
                       summary: String,
                       recommendation: &str,
                       data| {
            found.push(Pattern {
                id,
                r#type: kind.into(),
                severity: severity.into(),
                summary,
                recommendation: recommendation.into(),
                data,
            });
        };
        for (day, count) in self.restarts.iter().filter(|(_, c)| **c >= OFTEN) {
            add(
                format!("service-restarts-{day}"),
                "service_restart_spike",
                "warning",
                format!("{count} restarts on {day}"),
                "Look for the cause in the services' own logs; a restart only hides it.",
                json!({"day": day, "count": count}),
            );
        }
        if self.disk_rows >= OFTEN && self.disk_days.len() >= 2 {
            let count = self.disk_rows;
            add(
                "disk-pressure-trend".into(),
                "disk_pressure_trend",
                "warning",
                format!("{count} disk problems on {} days", self.disk_days.len()),
                "Find what grows, or add space: cleaning old files will not keep up.",
                json!({"count": count}),
            );
        }
        for (process, count) in self.hogs.iter().filter(|(_, c)| **c >= OFTEN) {
            add(
                format!("memory-hog-{process}"),
                "memory_hog_recurring",
                "warning",
                format!("{process} was the largest process in {count} memory problems"),
                "Give it a memory limit or more memory.",
                json!({"process": process, "count": count}),
            );
        }
        for (hour, count) in self.hours.iter().filter(|(_, c)| **c >= OFTEN) {
            add(
                format!("time-correlation-{hour:02}"),
                "time_correlation",
                "info",
                format!("{count} problems between {hour:02}:00 and {hour:02}:59 UTC"),
                "Look at what is scheduled at that hour.",
                json!({"hour_utc": format!("{hour:02}"), "count": count}),
            );
        }
        found
    }
}

impl Analysis {
    /// Names what was found: the same patterns have the same signature.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut compact = serde_json::to_vec(&self.patterns).unwrap_or_default();
        compact.push(b'\n');
        crate::text::hash(&compact)
    }
}

/// What was reported last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Reported {
    last_signature: String,
    last_bead_date: String,
    last_bead_id: Option<String>,
}

/// Reports patterns to people, at most once per signature and day. Says in a line what was done.
pub fn detect(settings: &Settings, beads: Option<&Beads>, now: Stamp) -> io::Result<String> {
    let analysis = analyse(settings, now)?;
    let patterns = &settings.patterns;
    state::save(&patterns.output_file, &analysis)?;
    if analysis.patterns.is_empty() {
        return Ok("no patterns found".into());
    }
    let signature = analysis.signature();
    let before: Reported = state::load(&patterns.detect_state_file)?.or_default();
    if before.last_signature == signature && before.last_bead_date == now.day() {
        return Ok("these patterns were already reported today".into());
    }
    let bullets: String = analysis
        .patterns
        .iter()
        .map(|p| format!("- [{}] {}: {}\n", p.severity, p.summary, p.recommendation))
        .collect();
    let body = format!(
        "Patterns of the last {} days, {} problems in all.\n\n{bullets}\nSignature: {signature}\n",
        analysis.window_days, analysis.total_problems,
    );
    let made = beads.map(|b| {
        b.create(
            "[argus] Recurring problem patterns",
            &body,
            b.priority(),
            "argus,pattern",
        )
    });
    let bead_id = match made {
        Some(Ok(id)) => Some(id),
        // Not noted as reported: the next run tries again.
        Some(Err(e)) => return Err(io::Error::other(format!("bd: {e}"))),
        None => None,
    };
    state::append(
        &patterns.log_file,
        &json!({
            "ts": now, "signature": signature, "pattern_count": analysis.patterns.len(), "bead_id": bead_id,
        }),
    )?;
    state::save(
        &patterns.detect_state_file,
        &Reported {
            last_signature: signature,
            last_bead_date: now.day(),
            last_bead_id: bead_id.clone(),
        },
    )?;
    let whom = bead_id.map_or_else(|| "noted".into(), |id| format!("reported as {id}"));
    Ok(format!("{} patterns {whom}", analysis.patterns.len()))
}
