//! Alerts on their way, surviving restarts.

use super::{Delivery, Relay, Telegram, Urgency};
use crate::cooldown::Dedup;
use crate::problem::Severity;
use serde::{Deserialize, Serialize};

/// Most alerts that wait; the oldest of the mildest go first.
const MOST: usize = 300;
/// Seconds after which an alert is no news any more.
const STALE_S: i64 = 3 * 86_400;
/// First wait after a failure, and the longest, in seconds.
const WAITS: (i64, i64) = (30, 3600);
/// Most tries in one cycle, so that a dead channel does not hold it.
const TRIES: usize = 10;

/// All of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outbox(pub Vec<Pending>);

/// One alert on its way through one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Channel: `telegram` or `relay`.
    pub channel: String,
    /// Key of the trouble.
    pub key: String,
    /// How bad.
    pub severity: Severity,
    /// What to say: text, or a whole event for Relay.
    pub text: String,
    /// Since when, seconds since 1970.
    pub created: i64,
    /// Tries so far.
    pub tries: u32,
    /// Not before.
    pub not_before: i64,
    /// Parts of a long text that arrived already.
    pub parts_sent: usize,
}

/// The channels there are.
pub struct Lines<'a> {
    /// Telegram.
    pub telegram: Option<&'a Telegram>,
    /// Relay.
    pub relay: Option<&'a Relay>,
}

impl Outbox {
    /// Adds one, unless the same alert waits for the same channel already.
    pub fn add(&mut self, channel: &str, key: &str, severity: Severity, text: String, now: i64) {
        let waits = |p: &Pending| p.channel == channel && p.key == key && channel == "telegram";
        if self.0.iter().any(waits) {
            return;
        }
        if self.0.len() >= MOST
            && let Some(at) =
                (0..self.0.len()).min_by_key(|at| (self.0[*at].severity, self.0[*at].created))
        {
            self.0.remove(at);
        }
        self.0.push(Pending {
            channel: channel.to_owned(),
            key: key.to_owned(),
            severity,
            text,
            created: now,
            tries: 0,
            not_before: now,
            parts_sent: 0,
        });
    }

    /// Whether an alert of this key waits for Telegram.
    #[must_use]
    pub fn waits(&self, key: &str) -> bool {
        self.0
            .iter()
            .any(|p| p.key == key && p.channel == "telegram")
    }

    /// Alerts that were tried and did not arrive.
    #[must_use]
    pub fn undelivered(&self) -> usize {
        self.0.iter().filter(|p| p.tries > 0).count()
    }

    /// Tries what is due; notes what arrived in `dedup`. Returns what went wrong, for the log.
    pub fn flush(&mut self, lines: &Lines<'_>, dedup: &mut Dedup, now: i64) -> Vec<String> {
        let mut failures = Vec::new();
        let mut kept = Vec::new();
        let mut down: Vec<(String, Option<u64>)> = Vec::new();
        for (count, mut pending) in std::mem::take(&mut self.0).into_iter().enumerate() {
            // A clock set back must not hold an alert for longer than the longest wait.
            let due = pending.not_before.min(now + WAITS.1) <= now
                || pending.not_before - now > 2 * WAITS.1;
            let dead = down.iter().find(|(channel, _)| *channel == pending.channel);
            if !due || dead.is_some() || count - kept.len() >= TRIES {
                kept.push(pending);
                continue;
            }
            match deliver(&mut pending, lines) {
                Some(Delivery::Delivered) => dedup.delivered(&pending.key, now),
                Some(Delivery::Later(asked, why)) => {
                    pending.tries += 1;
                    let backoff = (WAITS.0 << pending.tries.min(10)).min(WAITS.1);
                    let wait = asked.map_or(backoff, |s| (s.min(6 * 3600)).cast_signed().max(1));
                    pending.not_before = now + wait;
                    failures.push(format!("{}: {why}; again in {wait} s", pending.channel));
                    down.push((pending.channel.clone(), asked));
                    if now - pending.created < STALE_S {
                        kept.push(pending);
                    }
                }
                // The channel was taken out of the settings: nobody waits for it.
                None => {}
            }
        }
        self.0 = kept;
        failures
    }
}

fn deliver(pending: &mut Pending, lines: &Lines<'_>) -> Option<Delivery> {
    match pending.channel.as_str() {
        "telegram" => Some(lines.telegram?.send(&pending.text, &mut pending.parts_sent)),
        "relay" => Some(lines.relay?.send(&pending.text, Urgency::Problem)),
        _ => None,
    }
}
