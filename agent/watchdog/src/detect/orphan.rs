//! Test runs of node that outlived whoever started them. No model is asked: the same process, seen
//! three times in a row without a parent that waits for it, is ended.

use crate::settings::Settings;
use crate::snapshot::{Candidate, Snapshot};
use crate::time::Stamp;
use serde::{Deserialize, Serialize};

/// What the state file says. The first five keys are the ones of the first watchdog, whose count
/// was for a pattern; it is read and begins anew, since it names no process.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Orphans {
    /// `node --test`.
    #[serde(default)]
    pub pattern: String,
    /// Sightings of the process that was seen most often.
    #[serde(default)]
    pub count: u32,
    /// How many processes there are now.
    #[serde(default)]
    pub pids: usize,
    /// First sighting of any of them.
    #[serde(default)]
    pub first_seen: Option<Stamp>,
    /// This sighting.
    #[serde(default)]
    pub last_seen: Option<Stamp>,
    /// Boot the start times belong to.
    #[serde(default)]
    pub boot_id: String,
    /// Sightings of each process.
    #[serde(default)]
    pub seen: Vec<Sighting>,
}

/// A process and how often in a row it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Process id.
    pub pid: u32,
    /// Its start, in clock ticks since boot.
    pub start_ticks: u64,
    /// How often in a row.
    pub count: u32,
}

/// What one look brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sighted {
    /// Handles of those whose time has come.
    pub ripe: Vec<String>,
    /// How many are only watched.
    pub watched: usize,
}

impl Orphans {
    /// Counts the sightings of one look.
    pub fn sight(&mut self, snapshot: &Snapshot, settings: &Settings) -> Sighted {
        let rule = &settings.orphans;
        let mut sighted = Sighted::default();
        let mut seen = Vec::new();
        let known = if self.boot_id == snapshot.boot_id {
            std::mem::take(&mut self.seen)
        } else {
            Vec::new()
        };
        let matching = snapshot
            .processes
            .iter()
            .filter(|p| rule.enabled && is_left_over(p, rule.min_age));
        for process in matching {
            let Some(identity) = &process.identity else {
                continue;
            };
            let same =
                |s: &&Sighting| s.pid == identity.pid && s.start_ticks == identity.start_ticks;
            let count = known
                .iter()
                .find(same)
                .map_or(0, |s| s.count)
                .saturating_add(1);
            if count >= rule.sightings {
                sighted.ripe.push(process.handle.clone());
            } else {
                sighted.watched += 1;
            }
            seen.push(Sighting {
                pid: identity.pid,
                start_ticks: identity.start_ticks,
                count,
            });
        }
        *self = Self {
            pattern: "node --test".into(),
            count: seen.iter().map(|s| s.count).max().unwrap_or(0),
            pids: seen.len(),
            first_seen: if seen.is_empty() {
                None
            } else {
                self.first_seen.or(Some(snapshot.at))
            },
            last_seen: (!seen.is_empty()).then_some(snapshot.at),
            boot_id: snapshot.boot_id.clone(),
            seen,
        };
        sighted
    }
}

fn is_left_over(process: &Candidate, min_age: u64) -> bool {
    process.is_node_test()
        && process.orphaned
        && process.run.is_none()
        && !process.own
        && process.age_s >= min_age
}
