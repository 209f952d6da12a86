//! Times as text, and the two clocks of the machine.

use crate::event::Now;
use jiff::{Timestamp, Zoned};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The clocks right now.
pub fn now() -> Now {
    let local = Zoned::now();
    Now {
        mono_ms: millis(ClockId::Monotonic),
        unix_s: local.timestamp().as_second(),
        minute: (local.hour() as u16) * 60 + local.minute() as u16,
    }
}

/// How long the machine slept since it started.
pub fn slept() -> Duration {
    let slept = millis(ClockId::Boottime).saturating_sub(millis(ClockId::Monotonic));
    Duration::from_millis(slept)
}

fn millis(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}

/// A moment as the protocol writes it.
pub fn rfc3339(unix_s: i64) -> String {
    Timestamp::from_second(unix_s)
        .unwrap_or_default()
        .to_string()
}

/// This moment, to the millisecond.
pub fn rfc3339_now() -> String {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond())
        .unwrap_or(now)
        .to_string()
}

/// Seconds since 1970 of a moment the server wrote.
pub fn seconds(text: &str) -> Option<i64> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_second());
    }
    // A first server leaves the zone out where it means UTC.
    format!("{text}Z")
        .parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_go_both_ways() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(seconds("1970-01-01T00:01:00Z"), Some(60));
        assert_eq!(seconds("1970-01-01T01:01:00+01:00"), Some(60));
        assert_eq!(seconds("1970-01-01T00:01:00"), Some(60));
        assert_eq!(seconds("soon"), None);
    }
}
