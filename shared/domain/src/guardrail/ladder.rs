//! What follows when a job stays idle: two warnings, then, for those who want it, the stop.

use super::Thresholds;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Times the threshold from the first warning to the second.
const TO_SECOND: i64 = 2;
/// Times the threshold from the second warning to the stop.
const TO_STOP: i64 = 3;
/// Seconds a job is left alone when somebody says it shall be kept.
pub const KEPT_SECS: i64 = 2 * 3600;
/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// A step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// People are told.
    Warned,
    /// They are told again.
    WarnedAgain,
    /// The batch was asked to stop.
    Stopped,
}

impl Step {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warned => "warned",
            Self::WarnedAgain => "warned_again",
            Self::Stopped => "stopped",
        }
    }
}

/// A job that is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idle {
    /// Since when.
    pub since: Timestamp,
    /// GPUs it leaves unused.
    pub gpus: usize,
    /// Last step; none after somebody kept it.
    pub step: Option<Step>,
    /// When that was taken.
    pub stepped_at: Timestamp,
    /// It is left alone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Timestamp>,
}

impl Idle {
    /// A job that was found idle since then.
    pub fn new(since: Timestamp, gpus: usize) -> Self {
        Self {
            since,
            gpus,
            step: None,
            stepped_at: since,
            kept_until: None,
        }
    }

    /// The next step and when it is due. `may_stop`: nothing else in the batch would suffer.
    pub fn next(&self, thresholds: &Thresholds, may_stop: bool) -> Option<(Step, Timestamp)> {
        let after = |times: i64| self.stepped_at.plus_secs(times * thresholds.idle_secs());
        let (step, due) = match self.step {
            None => (Step::Warned, self.stepped_at),
            Some(Step::Warned) => (Step::WarnedAgain, after(TO_SECOND)),
            Some(Step::WarnedAgain) if thresholds.idle_auto_stop && may_stop => {
                (Step::Stopped, after(TO_STOP))
            }
            Some(Step::WarnedAgain | Step::Stopped) => return None,
        };
        Some((step, self.kept_until.map_or(due, |until| due.max(until))))
    }

    /// Leaves it alone for some time; then the ladder begins again.
    pub fn keep(&mut self, now: Timestamp) {
        self.kept_until = Some(now.plus_secs(KEPT_SECS));
        self.step = None;
    }

    /// Hours of GPUs wasted by `now`.
    pub fn gpu_hours(&self, now: Timestamp) -> f64 {
        now.secs_since(self.since).max(0.0) / HOUR * self.gpus as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::START;

    fn at(minutes: i64) -> Timestamp {
        START.plus_secs(minutes * 60)
    }

    /// Climbs as far as it goes, looking every minute.
    fn climbed(mut idle: Idle, thresholds: &Thresholds, until: i64) -> Vec<(Step, i64)> {
        let mut steps = vec![];
        for minute in 10..until {
            let now = at(minute);
            if let Some((step, due)) = idle.next(thresholds, true)
                && due <= now
            {
                (idle.step, idle.stepped_at) = (Some(step), now);
                steps.push((step, minute));
            }
        }
        steps
    }

    #[test]
    fn two_warnings_and_the_stop_only_for_those_who_want_it() {
        let mut thresholds = Thresholds::default();
        let idle = Idle::new(START, 1);
        let warned = [(Step::Warned, 10), (Step::WarnedAgain, 30)];
        assert_eq!(climbed(idle, &thresholds, 600), warned);
        thresholds.idle_auto_stop = true;
        let steps = climbed(idle, &thresholds, 600);
        assert_eq!(steps[..2], warned);
        assert_eq!(steps[2..], [(Step::Stopped, 60)]);
        assert_eq!(
            Idle {
                step: Some(Step::WarnedAgain),
                ..idle
            }
            .next(&thresholds, false),
            None
        );
    }

    #[test]
    fn who_looks_late_still_takes_one_step_at_a_time() {
        let thresholds = Thresholds {
            idle_auto_stop: true,
            ..Thresholds::default()
        };
        let mut idle = Idle::new(START, 1);
        (idle.step, idle.stepped_at) = (Some(Step::Warned), at(500));
        let next = idle.next(&thresholds, true);
        assert_eq!(next, Some((Step::WarnedAgain, at(520))));
    }

    #[test]
    fn what_is_kept_is_left_alone_and_then_warned_of_anew() {
        let thresholds = Thresholds::default();
        let mut idle = Idle::new(START, 4);
        (idle.step, idle.stepped_at) = (Some(Step::WarnedAgain), at(30));
        idle.keep(at(31));
        let next = idle.next(&thresholds, true);
        assert_eq!(next, Some((Step::Warned, at(151))));
        assert_eq!(idle.gpu_hours(at(90)), 6.0);
    }
}
