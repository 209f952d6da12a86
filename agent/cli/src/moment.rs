//! Instants as RFC 3339 text and back, and how long ago they were.

use calendar::{DAY_MS, date_of};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// This machine's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Of seconds since 1970, as most formats keep them.
    pub fn of_secs(secs: f64) -> Self {
        Self((secs * 1000.0).round() as i64)
    }

    /// Reads `2026-11-21T04:20:39.5Z`, with any offset; without one the time is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        calendar::parse(text).map(|written| Self(written.millis))
    }

    /// RFC 3339 in UTC with milliseconds.
    pub fn text(self) -> String {
        let (days, rest) = (self.0.div_euclid(DAY_MS), self.0.rem_euclid(DAY_MS));
        let (year, month, day) = date_of(days);
        let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
        let (second, milli) = (rest / 1000 % 60, rest % 1000);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }

    /// How long before `now`, in one unit: `42s`, `7m`, `3h`, `12d`.
    pub fn ago(self, now: Self) -> String {
        span((now.0 - self.0) / 1000)
    }
}

/// Seconds in one unit.
pub fn span(secs: i64) -> String {
    match secs.max(0) {
        s @ 0..120 => format!("{s}s"),
        s @ 120..7200 => format!("{}m", s / 60),
        s @ 7200..172_800 => format!("{}h", s / 3600),
        s => format!("{}d", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_survive_their_text() {
        for ms in [0, 951_782_399_999, 951_868_800_000, 1_795_234_839_282, -1] {
            assert_eq!(Moment::parse(&Moment(ms).text()), Some(Moment(ms)));
        }
        assert_eq!(Moment(951_782_400_000).text(), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn offsets_and_short_forms_are_read() {
        let utc = Moment::parse("2026-11-21T04:20:39Z");
        assert!(utc.is_some());
        for same in [
            "2026-11-21T05:20:39+01:00",
            "2026-11-21 04:20:39",
            "2026-11-21T04:20:39.000000+00:00",
            "2026-11-20T20:50:39-07:30",
        ] {
            assert_eq!(Moment::parse(same), utc, "{same}");
        }
        assert_eq!(Moment::parse("yesterday"), None);
        assert_eq!(Moment(0).ago(Moment(7_200_000)), "2h");
    }
}
