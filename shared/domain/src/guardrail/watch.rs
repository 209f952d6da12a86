//! What guardrails remember of a batch between two looks.

use super::divergence::Reason;
use super::ladder::Idle;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Seconds in which one rule tells people of one batch once.
pub const QUIET_SECS: i64 = 30 * 60;
/// Jobs remembered per rule; the item stays small whatever a batch holds.
pub const MOST_JOBS: usize = 100;

/// A loss that was found to diverge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diverged {
    /// Attempt of the batch.
    pub attempt: u32,
    /// Epoch of the newest loss then.
    pub epoch: i64,
    /// That loss; none when it was no number.
    pub loss: Option<f64>,
    /// Why.
    pub reason: Reason,
    /// It recovered since; only losses after [`Diverged::epoch`] count then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

/// What was found, by batch. Nothing, by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// When it was found silent, until it reports again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalled_at: Option<Timestamp>,
    /// Jobs whose loss diverged in their current attempt.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub diverged: BTreeMap<String, Diverged>,
    /// Jobs that are idle, exactly those that are flagged so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub idle: BTreeMap<String, Idle>,
    /// Failures heard of up to then, of one instant up to this job, have been looked into.
    #[serde(default)]
    pub failures_seen: (Timestamp, String),
    /// When people were last told of something, by rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<String, Timestamp>,
}

impl Watch {
    /// Whether people are to be told of what `rule` found; notes that they are.
    pub fn tell(&mut self, rule: &str, now: Timestamp) -> bool {
        self.told
            .retain(|_, at| now.secs() - at.secs() < QUIET_SECS);
        if self.told.contains_key(rule) {
            return false;
        }
        self.told.insert(rule.to_owned(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::START;

    #[test]
    fn a_rule_tells_once_in_half_an_hour() {
        let mut watch = Watch::default();
        assert!(watch.tell("stall", START));
        assert!(!watch.tell("stall", START.plus_secs(1799)));
        assert!(watch.tell("idle", START.plus_secs(1799)));
        assert!(watch.tell("stall", START.plus_secs(1800)));
        assert_eq!(watch.told.len(), 2);
    }
}
