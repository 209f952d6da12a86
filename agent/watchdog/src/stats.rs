//! Figures over the problem registry: one pass, one line in memory at a time, any length.

use crate::problem::Problem;
use crate::state;
use crate::time::{DAY_S, Stamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// What `stats` prints. The first keys are those of the first watchdog's export.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// When.
    pub generated_at: Stamp,
    /// Days looked back.
    pub window_days: u64,
    /// Rows.
    pub total_problems: u64,
    /// Rows by type.
    pub by_type: BTreeMap<String, u64>,
    /// Rows by severity.
    pub by_severity: BTreeMap<String, u64>,
    /// Rows by result.
    pub action_results: BTreeMap<String, u64>,
    /// Successes among all rows, in percent.
    pub action_success_rate: f64,
    /// Rows by hour.
    pub hourly: Vec<Bucket>,
    /// Rows by day.
    pub daily: Vec<Bucket>,
    /// Lines that could not be read.
    pub unreadable_lines: u64,
    /// What recovery checks found in the window.
    pub recovery: RecoveryScore,
}

/// Rows of one hour or day; empty ones are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// `2026-02-20T13:00Z` or `2026-02-20`.
    pub bucket: String,
    /// Rows.
    pub count: u64,
}

/// How often actions helped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RecoveryScore {
    /// The trouble was over.
    pub recovered: u32,
    /// It was not.
    pub escalated: u32,
    /// Recovered among all, in percent; none without checks.
    pub score_pct: Option<f64>,
}

/// The parts of a row that are counted. Whatever else a line holds is skipped unread; a missing
/// part becomes what it always became.
#[derive(Deserialize)]
struct Slim<'a> {
    #[serde(borrow, default)]
    ts: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    severity: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    action_result: Option<Cow<'a, str>>,
}

/// Counts of one key out of few, without a search tree: the loop is hot.
#[derive(Default)]
struct Few(Vec<(String, u64)>);

impl Few {
    fn count(&mut self, name: &str) {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| known == name) {
            *count += 1;
        } else if self.0.len() < 64 {
            // A registry with thousands of made-up types must not fill the memory.
            self.0.push((name.to_owned(), 1));
        }
    }

    fn sorted(self) -> BTreeMap<String, u64> {
        self.0.into_iter().collect()
    }
}

/// Reads the registry once.
pub fn stats(
    problems: &Path,
    tally: &BTreeMap<String, [u32; 2]>,
    now: Stamp,
    window_days: u64,
) -> io::Result<Stats> {
    let cutoff = now.0 - window_days.cast_signed().saturating_mul(DAY_S);
    let (mut kinds, mut severities, mut results) = (Few::default(), Few::default(), Few::default());
    let (mut total, mut success) = (0_u64, 0_u64);
    let mut hours: BTreeMap<i64, u64> = BTreeMap::new();
    let unreadable_lines = state::rows(problems, |line| {
        let Ok(row) = serde_json::from_slice::<Slim<'_>>(line) else {
            return false;
        };
        let at = row.ts.as_deref().and_then(Stamp::parse).unwrap_or_default();
        if at.0 < cutoff {
            return true;
        }
        total += 1;
        kinds.count(row.kind.as_deref().unwrap_or("process"));
        severities.count(row.severity.as_deref().unwrap_or("info"));
        let result = row.action_result.as_deref().unwrap_or("skipped");
        success += u64::from(result == "success");
        results.count(result);
        *hours.entry(at.0.div_euclid(3600)).or_default() += 1;
        true
    })?;
    let mut days: BTreeMap<String, u64> = BTreeMap::new();
    for (hour, count) in &hours {
        *days.entry(Stamp(hour * 3600).day()).or_default() += count;
    }
    let hourly = hours.iter().map(|(hour, count)| Bucket {
        bucket: format!("{}:00Z", &Stamp(hour * 3600).to_string()[..13]),
        count: *count,
    });
    Ok(Stats {
        generated_at: now,
        window_days,
        total_problems: total,
        by_type: kinds.sorted(),
        by_severity: severities.sorted(),
        action_results: results.sorted(),
        action_success_rate: if total == 0 {
            0.0
        } else {
            success as f64 / total as f64 * 100.0
        },
        hourly: hourly.collect(),
        daily: days
            .into_iter()
            .map(|(bucket, count)| Bucket { bucket, count })
            .collect(),
        unreadable_lines,
        recovery: score(tally, Stamp(cutoff)),
    })
}

fn score(tally: &BTreeMap<String, [u32; 2]>, from: Stamp) -> RecoveryScore {
    let within = tally.range(from.day()..).map(|(_, counts)| counts);
    let [recovered, escalated] = within.fold([0, 0], |sum, c| [sum[0] + c[0], sum[1] + c[1]]);
    let all = recovered + escalated;
    RecoveryScore {
        recovered,
        escalated,
        score_pct: (all > 0).then(|| f64::from(recovered) / f64::from(all) * 100.0),
    }
}

/// The last `most` rows, oldest first.
pub fn last(
    problems: &Path,
    most: usize,
    keep: impl Fn(&Problem) -> bool,
) -> io::Result<Vec<Problem>> {
    let mut found = std::collections::VecDeque::with_capacity(most.min(1000));
    state::rows(problems, |line| {
        let Some(row) = read(line) else {
            return false;
        };
        if keep(&row) && most > 0 {
            if found.len() == most {
                found.pop_front();
            }
            found.push_back(row);
        }
        true
    })?;
    Ok(found.into())
}

/// A row of ours, or of the first watchdog, which lacks the keys behind the eighth.
#[must_use]
pub fn read(line: &[u8]) -> Option<Problem> {
    use serde_json::{Map, Value, json};
    if let Ok(row) = serde_json::from_slice(line) {
        return Some(row);
    }
    let old: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let mut row = Map::from_iter([
        ("ts".to_owned(), json!("1970-01-01T00:00:00Z")),
        ("severity".to_owned(), json!("info")),
        ("type".to_owned(), json!("process")),
        ("description".to_owned(), json!("")),
        ("action_taken".to_owned(), json!("")),
        ("action_result".to_owned(), json!("skipped")),
        ("bead_id".to_owned(), Value::Null),
        ("host".to_owned(), json!("")),
        ("id".to_owned(), json!("")),
        ("key".to_owned(), json!("")),
        ("origin".to_owned(), json!("")),
        ("reason".to_owned(), json!("")),
        ("verdict".to_owned(), json!("")),
    ]);
    row.extend(old);
    serde_json::from_value(Value::Object(row)).ok()
}
