//! How long detail is kept, and from when on the days count.
//!
//! Days count from arrival. A run may last longer than that: as long as it goes on its detail is
//! kept, and when it ends there is at least half of the time left to look at it.

use crate::batch::Batch;
use crate::event::Detail;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;
/// Name of the host whose snapshots have days of their own.
pub const DEMO_HOST: &str = "demo-host-a100";
/// A batch that nobody has heard of for longer, seconds, counts as ended: its script died.
pub const SILENT_SECS: i64 = 30 * DAY_SECS;

/// Days after which things are deleted; 0: never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Host snapshots.
    pub snapshot_days: u64,
    /// Log lines.
    pub log_line_days: u64,
    /// Epochs.
    pub job_epoch_days: u64,
    /// Other events.
    pub event_other_days: u64,
    /// Snapshots of the demo host.
    pub demo_data_days: u64,
    /// Days in which what somebody deleted can be restored; 0: it goes with the next sweep.
    pub grace_days: u64,
}

/// What days are set for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Host snapshots.
    Snapshots,
    /// Snapshots of the demo host.
    DemoSnapshots,
    /// Log lines.
    LogLines,
    /// Epochs.
    Epochs,
    /// Everything else a script reported; its repeats are recognised as long as it is kept.
    OtherEvents,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Snapshots,
        Self::DemoSnapshots,
        Self::LogLines,
        Self::Epochs,
        Self::OtherEvents,
    ];

    /// The rule for detail, of a host if it has one.
    pub fn of(kind: Detail, host: Option<&str>) -> Self {
        match kind {
            Detail::Snapshots if host == Some(DEMO_HOST) => Self::DemoSnapshots,
            Detail::Snapshots => Self::Snapshots,
            Detail::Logs => Self::LogLines,
            Detail::Epochs => Self::Epochs,
        }
    }

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snapshots => "resource_snapshot.normal",
            Self::DemoSnapshots => "resource_snapshot.demo",
            Self::LogLines => "event.log_line",
            Self::Epochs => "event.job_epoch",
            Self::OtherEvents => "event.other",
        }
    }
}

/// Where a batch is in its life, as far as its detail is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It goes on.
    Runs,
    /// It ended then.
    Ended(Timestamp),
}

impl Life {
    /// That of `batch` at `now`.
    pub fn of(batch: &Batch, now: Timestamp) -> Self {
        let silent = now.secs() - batch.last_event_at.secs() > SILENT_SECS;
        match batch.status.is_active() && !silent {
            true => Self::Runs,
            false => Self::Ended(batch.last_event_at),
        }
    }
}

impl Retention {
    /// Days of a rule.
    pub fn days(&self, rule: Rule) -> u64 {
        match rule {
            Rule::Snapshots => self.snapshot_days,
            Rule::DemoSnapshots => self.demo_data_days,
            Rule::LogLines => self.log_line_days,
            Rule::Epochs => self.job_epoch_days,
            Rule::OtherEvents => self.event_other_days,
        }
    }

    /// Seconds of a rule; `None`: for ever.
    pub fn secs(&self, rule: Rule) -> Option<i64> {
        let days = i64::try_from(self.days(rule)).unwrap_or(i64::MAX);
        (days > 0).then(|| days.saturating_mul(DAY_SECS))
    }

    /// Seconds in which what was deleted can be restored.
    pub fn grace_secs(&self) -> i64 {
        let days = i64::try_from(self.grace_days).unwrap_or(i64::MAX);
        days.saturating_mul(DAY_SECS)
    }

    /// Until when something that arrives at `now` is kept; `None`: for ever.
    pub fn from_arrival(&self, rule: Rule, now: Timestamp) -> Option<Timestamp> {
        Some(now.plus_secs(self.secs(rule)?))
    }

    /// Until when to keep what arrived at `arrived` and is kept until `until` so far. What runs is
    /// put off only when less than three quarters of its days are left, so that most of it is
    /// never touched.
    pub fn due(
        &self,
        rule: Rule,
        arrived: Timestamp,
        until: Option<Timestamp>,
        life: Life,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let secs = self.secs(rule)?;
        let ended = match life {
            Life::Ended(at) => at,
            Life::Runs => {
                let (low, high) = (now.plus_secs(secs / 4 * 3), now.plus_secs(secs));
                let fits = until.is_some_and(|until| (low..=high).contains(&until));
                return if fits { until } else { Some(high) };
            }
        };
        Some(arrived.plus_secs(secs).max(ended.plus_secs(secs / 2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Retention = Retention {
        snapshot_days: 7,
        log_line_days: 14,
        job_epoch_days: 30,
        event_other_days: 0,
        demo_data_days: 1,
        grace_days: 7,
    };

    fn day(n: i64) -> Timestamp {
        Timestamp(n * DAY_SECS * 1000)
    }

    #[test]
    fn days_count_from_arrival_and_a_run_puts_them_off() {
        let rule = Rule::Epochs;
        assert_eq!(KEPT.from_arrival(rule, day(3)), Some(day(33)));
        assert_eq!(KEPT.from_arrival(Rule::OtherEvents, day(3)), None);
        let due = |until, life, now| KEPT.due(rule, day(0), Some(until), life, now);
        // Plenty left: untouched. Little left: the full time again.
        assert_eq!(due(day(30), Life::Runs, day(5)), Some(day(30)));
        assert_eq!(due(day(30), Life::Runs, day(10)), Some(day(40)));
        // Ended early: from arrival. Ended late: half of the time from the end.
        assert_eq!(due(day(30), Life::Ended(day(2)), day(9)), Some(day(30)));
        assert_eq!(due(day(90), Life::Ended(day(60)), day(61)), Some(day(75)));
        // A longer setting of before is cut while it runs, too.
        assert_eq!(due(day(300), Life::Runs, day(10)), Some(day(40)));
    }

    #[test]
    fn the_demo_host_has_days_of_its_own() {
        assert_eq!(
            Rule::of(Detail::Snapshots, Some(DEMO_HOST)),
            Rule::DemoSnapshots
        );
        assert_eq!(Rule::of(Detail::Snapshots, Some("vm")), Rule::Snapshots);
        assert_eq!(Rule::of(Detail::Logs, Some(DEMO_HOST)), Rule::LogLines);
    }
}
