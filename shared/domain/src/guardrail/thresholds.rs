//! From when on something counts as wrong: for the installation, and what a project sets instead.

use crate::limits::TRACE_POINTS;
use serde::{Deserialize, Serialize};

/// Longest time a threshold can be, in minutes: a week.
pub const MOST_MINUTES: u32 = 10_080;
/// Largest ratio.
pub const MOST_RATIO: f64 = 1e6;

/// Thresholds of all rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// Minutes of silence after which a batch is stalled.
    pub stall_min: u32,
    /// Minutes of silence after a stop request until a batch counts as stopped.
    pub stop_grace_min: u32,
    /// Minutes a job leaves its GPU unused until it is called idle.
    pub idle_min: u32,
    /// Last of the newest losses over the first of them, from which on they diverge.
    pub divergence_ratio: f64,
    /// How many of the newest losses are looked at.
    pub divergence_window: usize,
    /// A batch that stays idle after two warnings is stopped.
    pub idle_auto_stop: bool,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            stall_min: 15,
            stop_grace_min: 10,
            idle_min: 10,
            divergence_ratio: 2.0,
            divergence_window: 3,
            idle_auto_stop: false,
        }
    }
}

impl Thresholds {
    /// Seconds of silence after which a batch is stalled.
    pub fn stall_secs(&self) -> i64 {
        i64::from(self.stall_min) * 60
    }

    /// Seconds a stop request is given.
    pub fn stop_grace_secs(&self) -> i64 {
        i64::from(self.stop_grace_min) * 60
    }

    /// Seconds until a job is called idle.
    pub fn idle_secs(&self) -> i64 {
        i64::from(self.idle_min) * 60
    }
}

/// What a project sets instead; absent: as everywhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overrides {
    /// Instead of [`Thresholds::stall_min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall_min: Option<u32>,
    /// Instead of [`Thresholds::stop_grace_min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_grace_min: Option<u32>,
    /// Instead of [`Thresholds::idle_min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_min: Option<u32>,
    /// Instead of [`Thresholds::divergence_ratio`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divergence_ratio: Option<f64>,
    /// Instead of [`Thresholds::divergence_window`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divergence_window: Option<u32>,
    /// The owners want idle batches stopped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idle_auto_stop: bool,
}

impl Overrides {
    /// Whether nothing is set: left out of what is stored.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it: the field, and why.
    pub fn problem(&self) -> Option<(&'static str, String)> {
        for (field, minutes) in [
            ("stall_timeout_min", self.stall_min),
            ("stop_grace_min", self.stop_grace_min),
            ("idle_threshold_min", self.idle_min),
        ] {
            if minutes.is_some_and(|minutes| !(1..=MOST_MINUTES).contains(&minutes)) {
                return Some((field, format!("must be from 1 to {MOST_MINUTES} minutes")));
            }
        }
        let ratio = self.divergence_ratio;
        if ratio.is_some_and(|ratio| !(1.0..=MOST_RATIO).contains(&ratio)) {
            let msg = format!("must be from 1 to {MOST_RATIO}");
            return Some(("divergence_ratio", msg));
        }
        let window = self.divergence_window.map(|window| window as usize);
        if window.is_some_and(|window| !(2..=TRACE_POINTS).contains(&window)) {
            let msg = format!("must be from 2 to {TRACE_POINTS} losses");
            return Some(("divergence_window", msg));
        }
        None
    }

    /// `general`, with what is set here instead.
    pub fn over(&self, general: &Thresholds) -> Thresholds {
        let window = self.divergence_window.map(|window| window as usize);
        Thresholds {
            stall_min: self.stall_min.unwrap_or(general.stall_min),
            stop_grace_min: self.stop_grace_min.unwrap_or(general.stop_grace_min),
            idle_min: self.idle_min.unwrap_or(general.idle_min),
            divergence_ratio: self.divergence_ratio.unwrap_or(general.divergence_ratio),
            divergence_window: window.unwrap_or(general.divergence_window),
            idle_auto_stop: self.idle_auto_stop || general.idle_auto_stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_counts_and_the_rest_stays() {
        let own = Overrides {
            stall_min: Some(60),
            divergence_window: Some(5),
            ..Overrides::default()
        };
        let over = own.over(&Thresholds::default());
        assert_eq!((over.stall_min, over.divergence_window), (60, 5));
        assert_eq!((over.idle_min, over.idle_auto_stop), (10, false));
        assert_eq!(own.problem(), None);
    }

    #[test]
    fn what_has_no_meaning_is_named() {
        let minutes = |n| Overrides {
            idle_min: Some(n),
            ..Overrides::default()
        };
        let ratio = |n| Overrides {
            divergence_ratio: Some(n),
            ..Overrides::default()
        };
        let window = |n| Overrides {
            divergence_window: Some(n),
            ..Overrides::default()
        };
        for (own, field) in [
            (minutes(0), Some("idle_threshold_min")),
            (minutes(10_081), Some("idle_threshold_min")),
            (ratio(0.9), Some("divergence_ratio")),
            (ratio(f64::NAN), Some("divergence_ratio")),
            (ratio(1.0), None),
            (window(1), Some("divergence_window")),
            (window(21), Some("divergence_window")),
            (window(20), None),
        ] {
            assert_eq!(own.problem().map(|(field, _)| field), field, "{own:?}");
        }
    }
}
