//! Restraint: backoff of restarts, alerts not repeated, actions counted by the hour.
//!
//! The files are those of the first watchdog. Delays are counted by a wall clock that is mended:
//! when somebody sets it, the stamps move along, and a stamp from the future counts as now.

use crate::plan::ActionKind;
use crate::settings::{Limits, Restart};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Restarts of each unit, `restart-backoff.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// By unit.
    #[serde(default)]
    pub services: BTreeMap<String, Attempts>,
}

/// Restarts of one unit. Times are seconds since 1970, 0 for never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempts {
    /// Failed attempts in a row.
    pub attempts: u32,
    /// The last failed one.
    pub last_attempt: i64,
    /// The last that helped.
    pub last_success: i64,
    /// No restarts until then.
    pub cooldown_until: i64,
}

/// May a unit be restarted now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Yes; the number of the attempt.
    Go(u32),
    /// Not for so many seconds: too soon after a failure.
    Wait(i64),
    /// Not for so many seconds: restarting did not help.
    Cooldown(i64),
    /// Restarting does not help; the cooldown begins now.
    Loop(u32),
}

impl Backoff {
    /// Whether `unit` may be restarted at `now`.
    #[must_use]
    pub fn turn(&self, unit: &str, now: i64, rule: &Restart) -> Turn {
        let known = self.services.get(unit).copied().unwrap_or_default();
        // A stamp from the future can only be a clock that was set: it waits at most its full time.
        let left = (known.cooldown_until - now).min(rule.cooldown.cast_signed());
        if left > 0 {
            return Turn::Cooldown(left);
        }
        let since = (now - known.last_attempt).max(0);
        if known.attempts == 0 || since > rule.decay.cast_signed() {
            return Turn::Go(1);
        }
        let needed = match known.attempts {
            1 => rule.second_delay.cast_signed(),
            2 => rule.third_delay.cast_signed(),
            // The cooldown is over: one more try decides.
            _ if known.cooldown_until > 0 => 0,
            failed => return Turn::Loop(failed + 1),
        };
        if since < needed {
            return Turn::Wait(needed - since);
        }
        Turn::Go(known.attempts + 1)
    }

    /// Notes how an attempt ended.
    pub fn note(&mut self, unit: &str, now: i64, success: bool, rule: &Restart) {
        let entry = self.services.entry(unit.to_owned()).or_default();
        if success {
            *entry = Attempts {
                last_success: now,
                ..Attempts::default()
            };
            return;
        }
        let fresh = (now - entry.last_attempt).max(0) > rule.decay.cast_signed();
        entry.attempts = if fresh { 1 } else { entry.attempts + 1 };
        entry.last_attempt = now;
        if entry.attempts > 3 {
            entry.cooldown_until = now + rule.cooldown.cast_signed();
        }
    }

    /// Begins the cooldown after a loop.
    pub fn cool(&mut self, unit: &str, now: i64, rule: &Restart) {
        let entry = self.services.entry(unit.to_owned()).or_default();
        entry.cooldown_until = now + rule.cooldown.cast_signed();
    }

    fn shift(&mut self, by: i64, now: i64) {
        for entry in self.services.values_mut() {
            for at in [&mut entry.last_attempt, &mut entry.last_success] {
                *at = moved(*at, by).min(now);
            }
            entry.cooldown_until = moved(entry.cooldown_until, by);
        }
    }
}

/// Alerts that were delivered, `dedup.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dedup {
    /// By key.
    #[serde(default)]
    pub keys: BTreeMap<String, Seen>,
}

/// One delivered alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// Last delivery, seconds since 1970.
    pub last_seen: i64,
    /// Deliveries.
    pub count: u64,
}

impl Dedup {
    /// Whether the same alert was delivered a short while ago.
    #[must_use]
    pub fn is_recent(&self, key: &str, now: i64, limits: &Limits) -> bool {
        let window = limits.dedup_window.cast_signed();
        self.keys
            .get(key)
            .is_some_and(|s| (0..window).contains(&(now - s.last_seen)))
    }

    /// Notes a delivery.
    pub fn delivered(&mut self, key: &str, now: i64) {
        let entry = self.keys.entry(key.to_owned()).or_default();
        entry.last_seen = now;
        entry.count += 1;
    }

    /// Forgets a key, so that the trouble is told anew when it comes back.
    pub fn forget(&mut self, key: &str) {
        self.keys.remove(key);
    }

    /// Drops what is too old to matter.
    pub fn compact(&mut self, now: i64, limits: &Limits) {
        let kept = limits.dedup_retention.cast_signed();
        self.keys.retain(|_, s| (now - s.last_seen).max(0) <= kept);
    }
}

/// Actions of the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent(pub BTreeMap<ActionKind, Vec<i64>>);

impl Spent {
    /// Whether one more of `kind` fits into the hour.
    #[must_use]
    pub fn allows(&self, kind: ActionKind, now: i64, limits: &Limits) -> bool {
        let most = match kind {
            ActionKind::RestartService => limits.restart_service,
            ActionKind::KillPid => limits.kill_pid,
            ActionKind::KillTmux => limits.kill_tmux,
            ActionKind::CleanDisk => limits.clean_disk,
            ActionKind::Alert => limits.alert,
            ActionKind::Log => limits.log,
        };
        let of = |kind: &ActionKind| {
            self.0
                .get(kind)
                .map_or(0, |at| at.iter().filter(|t| now - **t < 3600).count())
        };
        let together: usize = ActionKind::ALL
            .iter()
            .filter(|k| k.changes_host())
            .map(of)
            .sum();
        of(&kind) < most as usize && (!kind.changes_host() || together < limits.together as usize)
    }

    /// Counts one.
    pub fn count(&mut self, kind: ActionKind, now: i64) {
        let times = self.0.entry(kind).or_default();
        times.retain(|t| (0..3600).contains(&(now - t)));
        times.push(now);
    }
}

/// Moves everything along when the clock was set by `by` seconds.
pub fn shift(backoff: &mut Backoff, dedup: &mut Dedup, spent: &mut Spent, by: i64, now: i64) {
    backoff.shift(by, now);
    for seen in dedup.keys.values_mut() {
        seen.last_seen = moved(seen.last_seen, by).min(now);
    }
    for times in spent.0.values_mut() {
        for at in times {
            *at = moved(*at, by).min(now);
        }
    }
}

fn moved(at: i64, by: i64) -> i64 {
    if at == 0 {
        0
    } else {
        at.saturating_add(by).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_found_and_its_cooldown_ends() {
        let rule = Restart::default();
        let mut state = Backoff::default();
        assert_eq!(state.turn("a", 1000, &rule), Turn::Go(1));
        state.note("a", 1000, false, &rule);
        assert_eq!(state.turn("a", 1030, &rule), Turn::Wait(30));
        assert_eq!(state.turn("a", 1060, &rule), Turn::Go(2));
        state.note("a", 1060, false, &rule);
        assert_eq!(state.turn("a", 1359, &rule), Turn::Wait(1));
        state.note("a", 1360, false, &rule);
        assert_eq!(state.turn("a", 1400, &rule), Turn::Loop(4));
        state.cool("a", 1400, &rule);
        assert_eq!(state.turn("a", 1500, &rule), Turn::Cooldown(3500));
        // The first watchdog never restarted a unit again here.
        assert_eq!(state.turn("a", 5001, &rule), Turn::Go(4));
        state.note("a", 5001, false, &rule);
        assert_eq!(state.turn("a", 5002, &rule), Turn::Cooldown(3599));
        state.note("a", 9000, true, &rule);
        assert_eq!(state.turn("a", 9001, &rule), Turn::Go(1));
    }

    #[test]
    fn old_failures_are_forgotten_and_old_files_are_read() {
        let rule = Restart::default();
        let text = r#"{"services":{"a":{"attempts":2,"last_attempt":1000,"last_success":0,"cooldown_until":0}}}"#;
        let state: Backoff = serde_json::from_str(text).expect("the first watchdog's file");
        assert_eq!(state.turn("a", 1000 + 86_401, &rule), Turn::Go(1));
        assert_eq!(state.turn("a", 1100, &rule), Turn::Wait(200));
    }

    #[test]
    fn a_clock_set_back_silences_nobody() {
        let (limits, mut dedup) = (Limits::default(), Dedup::default());
        dedup.delivered("disk:1", 10_000);
        assert!(dedup.is_recent("disk:1", 10_100, &limits));
        assert!(
            !dedup.is_recent("disk:1", 5_000, &limits),
            "a stamp from the future"
        );
        let (mut backoff, mut spent) = (Backoff::default(), Spent::default());
        shift(&mut backoff, &mut dedup, &mut spent, -5_000, 5_100);
        assert!(
            dedup.is_recent("disk:1", 5_100, &limits),
            "moved along with the clock"
        );
    }

    #[test]
    fn an_hour_has_room_for_so_many() {
        let (limits, mut spent) = (Limits::default(), Spent::default());
        for _ in 0..limits.clean_disk {
            assert!(spent.allows(ActionKind::CleanDisk, 50, &limits));
            spent.count(ActionKind::CleanDisk, 50);
        }
        assert!(!spent.allows(ActionKind::CleanDisk, 60, &limits));
        assert!(spent.allows(ActionKind::CleanDisk, 3651, &limits));
    }
}
