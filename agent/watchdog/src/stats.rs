//! Figures over the problem registry: one pass, one line in memory at a time, any length.

use crate::registry;
use crate::time::Stamp;
use serde::Serialize;
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
    let (mut kinds, mut severities, mut results) = (Few::default(), Few::default(), Few::default());
    let (mut total, mut success) = (0_u64, 0_u64);
    let mut hours: BTreeMap<i64, u64> = BTreeMap::new();
    let (from, unreadable_lines) = registry::each(problems, now, window_days, |row, at| {
        total += 1;
        kinds.count(row.kind.as_deref().unwrap_or("process"));
        severities.count(row.severity.as_deref().unwrap_or("info"));
        let result = row.action_result.as_deref().unwrap_or("skipped");
        success += u64::from(result == "success");
        results.count(result);
        *hours.entry(at.0.div_euclid(3600)).or_default() += 1;
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
        recovery: score(tally, from),
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
