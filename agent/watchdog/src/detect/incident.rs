//! Troubles that begin, go on and end.

use super::{Level, Reading, Remedy};
use crate::problem::{Kind, Severity};
use crate::snapshot::{Snapshot, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Good readings in a row until a trouble is over.
const GOOD: u32 = 2;

/// A trouble, present or suspected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Incident {
    /// What it is about.
    pub kind: Kind,
    /// In words.
    pub title: String,
    /// Newest figures.
    pub detail: String,
    /// How bad.
    pub severity: Severity,
    /// Collector it rests on.
    pub source: Source,
    /// Last readings, newest in the lowest bit; 1 is bad.
    pub readings: u32,
    /// Good readings in a row.
    pub good: u32,
    /// Since when, seconds since 1970; `None`: only suspected.
    pub opened: Option<i64>,
    /// Whether people were told, so that they are told of the end too.
    #[serde(default)]
    pub told: bool,
}

/// What happened to a trouble at this look.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub id: String,
    /// The trouble as it is now.
    pub incident: Incident,
    /// What happened.
    pub what: What,
    /// What could help.
    pub remedy: Option<Remedy>,
}

/// What happened to a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It began.
    Opened,
    /// It became worse.
    Worse,
    /// It goes on.
    Ongoing,
    /// It is over.
    Resolved,
}

/// All troubles by id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Incidents(pub BTreeMap<String, Incident>);

impl Incidents {
    /// Takes the readings of one look.
    pub fn observe(&mut self, readings: &[Reading], snapshot: &Snapshot) -> Vec<Change> {
        let mut changes = Vec::new();
        for reading in readings.iter().filter(|r| !snapshot.is_blind(r.source)) {
            changes.extend(self.take(reading, snapshot.at.0));
        }
        // What is no longer looked at (a disk taken out, a check removed) is no trouble any more.
        let seen = |id: &String| readings.iter().any(|r| r.id == *id);
        let gone: Vec<String> = self
            .0
            .iter()
            .filter(|(id, incident)| !seen(id) && !snapshot.is_blind(incident.source))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            if let Some(incident) = self.0.remove(&id).filter(|i| i.opened.is_some()) {
                changes.push(Change {
                    id,
                    incident,
                    what: What::Resolved,
                    remedy: None,
                });
            }
        }
        changes
    }

    /// Troubles that are open, by id.
    pub fn open(&self) -> impl Iterator<Item = (&String, &Incident)> {
        self.0
            .iter()
            .filter(|(_, incident)| incident.opened.is_some())
    }

    /// Whether a trouble is open.
    #[must_use]
    pub fn is_open(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|i| i.opened.is_some())
    }

    fn take(&mut self, reading: &Reading, now: i64) -> Option<Change> {
        let bad = match reading.level {
            Level::Bad(severity) => Some(severity),
            Level::Good | Level::Between => None,
        };
        if bad.is_none() && !self.0.contains_key(&reading.id) {
            return None;
        }
        let incident = self
            .0
            .entry(reading.id.clone())
            .or_insert_with(|| Incident {
                kind: reading.kind,
                title: reading.title.clone(),
                detail: String::new(),
                severity: Severity::Info,
                source: reading.source,
                readings: 0,
                good: 0,
                opened: None,
                told: false,
            });
        incident.readings = incident.readings << 1 | u32::from(bad.is_some());
        incident.good = if reading.level == Level::Good {
            incident.good + 1
        } else {
            0
        };
        incident.detail.clone_from(&reading.detail);
        let (need, of) = reading.sightings;
        let window = (1_u32 << of.min(31)) - 1;
        let enough = (incident.readings & window).count_ones() >= need;
        let what = match (incident.opened, bad) {
            (None, Some(severity)) if enough => {
                incident.severity = severity;
                incident.opened = Some(now);
                What::Opened
            }
            (Some(_), Some(severity)) if severity > incident.severity => {
                incident.severity = severity;
                What::Worse
            }
            (Some(_), _) if incident.good < GOOD => What::Ongoing,
            (Some(_), _) => What::Resolved,
            (None, _) => {
                if incident.readings & window == 0 {
                    self.0.remove(&reading.id);
                }
                return None;
            }
        };
        let change = Change {
            id: reading.id.clone(),
            incident: incident.clone(),
            what,
            // Only a trouble that is there now is acted upon.
            remedy: reading.remedy.clone().filter(|_| bad.is_some()),
        };
        if what == What::Resolved {
            self.0.remove(&reading.id);
        }
        Some(change)
    }
}
