//! Everything that is remembered from one cycle to the next, each in its own file.

use crate::approval::{ANSWERS, ASKS, Answers, Asks};
use crate::brain::{Budget, BudgetFile};
use crate::channels::Outbox;
use crate::collect::Before;
use crate::cooldown::{Backoff, Dedup, Spent};
use crate::detect::incident::Incidents;
use crate::detect::orphan::Orphans;
use crate::problem::Kind;
use crate::settings::Settings;
use crate::state::{self, Loaded};
use crate::time::{DAY_S, Stamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What is remembered.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Counters of the last look.
    pub before: Before,
    /// Troubles.
    pub incidents: Incidents,
    /// Restarts.
    pub backoff: Backoff,
    /// Delivered alerts.
    pub dedup: Dedup,
    /// Actions of the last hour.
    pub spent: Spent,
    /// Open questions.
    pub asks: Asks,
    /// Answers given on this host.
    pub answers: Answers,
    /// Sightings of left-over test runs.
    pub orphans: Orphans,
    /// Alerts on their way.
    pub outbox: Outbox,
    /// Use of the model.
    pub budget: Budget,
    /// The rest.
    pub notes: Notes,
    /// Files that were set aside as unreadable.
    pub quarantined: Vec<PathBuf>,
}

/// Smaller things.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    /// First start, seconds since 1970: the trial counts from here.
    pub installed: i64,
    /// Cycles that came to their end.
    pub cycles: u64,
    /// When each trouble was recorded, by key.
    pub occurrences: BTreeMap<String, Vec<i64>>,
    /// Issue of each trouble and when it was attached, by key.
    pub beads: BTreeMap<String, (String, i64)>,
    /// Observations in a row, by hash of the text without figures.
    pub streaks: BTreeMap<String, u32>,
    /// Recovery checks that are due.
    pub recoveries: Vec<Recovery>,
    /// Recovered and escalated, by UTC day.
    pub tally: BTreeMap<String, [u32; 2]>,
    /// Last actions, one line each.
    pub recent: Vec<String>,
    /// UTC day of the last summary.
    pub summary_day: String,
}

/// A recovery check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Trouble that should be gone.
    pub incident: String,
    /// What it is about.
    pub kind: Kind,
    /// In words.
    pub title: String,
    /// Action and target.
    pub action: String,
    /// When to look, seconds since 1970.
    pub due: i64,
}

/// How the last cycle ended, `cycle_state.json`. The first four keys are the documented ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CycleState {
    /// `ok` or `failed`.
    pub status: String,
    /// When.
    pub timestamp: Option<Stamp>,
    /// What failed.
    pub detail: String,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// Whether a cycle began and did not end.
    pub running: bool,
    /// What did not work although the cycle did.
    pub degraded: Vec<String>,
    /// `live`, `dry_run` or `paused`.
    pub mode: String,
    /// Milliseconds it took.
    pub ms: u64,
}

impl Ledger {
    /// Reads everything. Only a file that is there and may not be read is an error.
    pub fn load(settings: &Settings) -> io::Result<Self> {
        let mut aside = Vec::new();
        let own = |name: &str| settings.state_file(name);
        let mut ledger = Self {
            before: take(&own("last.json"), &mut aside)?,
            incidents: take(&own("incidents.json"), &mut aside)?,
            backoff: take(&settings.files.restart_backoff, &mut aside)?,
            dedup: take(&settings.files.dedup, &mut aside)?,
            spent: take(&own("actions.json"), &mut aside)?,
            asks: take(&own(ASKS), &mut aside)?,
            answers: take(&own(ANSWERS), &mut aside)?,
            orphans: take(&settings.files.orphans, &mut aside)?,
            outbox: take(&own("outbox.json"), &mut aside)?,
            budget: take(&own(BudgetFile::NAME), &mut aside)?,
            notes: take(&own("notes.json"), &mut aside)?,
            quarantined: Vec::new(),
        };
        ledger.quarantined = aside;
        if ledger.notes.installed == 0 {
            ledger.notes.installed = Stamp::now().0;
        }
        Ok(ledger)
    }

    /// Writes what was told and what still has to be.
    pub fn save_told(&self, settings: &Settings) -> io::Result<()> {
        state::save(&settings.files.dedup, &self.dedup)?;
        state::save(&settings.state_file("outbox.json"), &self.outbox)
    }

    /// Writes everything that changed.
    pub fn save(&self, settings: &Settings) -> io::Result<()> {
        let own = |name: &str| settings.state_file(name);
        // Restraint first: what was done must be known before anything else is.
        state::save(&settings.files.restart_backoff, &self.backoff)?;
        state::save(&own("actions.json"), &self.spent)?;
        self.save_told(settings)?;
        state::save(&own("incidents.json"), &self.incidents)?;
        state::save(&own(ASKS), &self.asks)?;
        state::save(&own(BudgetFile::NAME), &self.budget)?;
        state::save(&own("notes.json"), &self.notes)?;
        state::save(&own("last.json"), &self.before)?;
        if self.orphans.seen.is_empty() && self.orphans.count == 0 {
            return match std::fs::remove_file(&settings.files.orphans) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            };
        }
        if let Some(folder) = settings.files.orphans.parent() {
            std::fs::create_dir_all(folder)?;
        }
        state::save(&settings.files.orphans, &self.orphans)
    }

    /// Notes that a trouble was recorded; says how often it was within `window_s`, this included.
    pub fn occurred(&mut self, key: &str, now: i64, window_s: u64) -> u32 {
        let times = self.notes.occurrences.entry(key.to_owned()).or_default();
        times.retain(|at| (0..=window_s.cast_signed()).contains(&(now - at)));
        if times.len() >= 100 {
            times.remove(0);
        }
        times.push(now);
        times.len() as u32
    }

    /// Drops what is too old to matter, so that nothing grows for ever.
    pub fn compact(&mut self, now: i64, settings: &Settings) {
        self.dedup.compact(now, &settings.limits);
        self.asks.expire(now);
        let window = settings.beads.repeat_window.cast_signed();
        self.notes
            .occurrences
            .retain(|_, times| times.last().is_some_and(|at| now - at <= window));
        self.notes.beads.retain(|_, (_, at)| now - *at <= 7 * DAY_S);
        let oldest = Stamp(now - 60 * DAY_S).day();
        self.notes.tally.retain(|day, _| *day >= oldest);
        let keep = self.notes.recent.len().saturating_sub(12);
        self.notes.recent.drain(..keep);
        self.answers
            .0
            .retain(|digest, _| self.asks.0.contains_key(digest));
    }

    /// Counts the end of a recovery check.
    pub fn tally(&mut self, day: String, recovered: bool) {
        let counts = self.notes.tally.entry(day).or_default();
        counts[usize::from(!recovered)] += 1;
    }
}

fn take<T: DeserializeOwned + Default>(file: &Path, aside: &mut Vec<PathBuf>) -> io::Result<T> {
    let loaded = state::load(file)
        .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", file.display())))?;
    if let Loaded::Recovered(_, path) = &loaded {
        aside.push(path.clone());
    }
    Ok(loaded.or_default())
}
