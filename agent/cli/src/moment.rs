//! Instants as RFC 3339 text and back, and how long ago they were.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

const DAY_MS: i64 = 86_400_000;

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
        let text = text.trim();
        let (date, clock) = text.split_at_checked(10)?;
        let mut date = date.split('-').map(str::parse::<i64>);
        let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
        let clock = clock.strip_prefix(['T', 't', ' '])?;
        let (clock, offset) = split_offset(clock)?;
        let mut parts = clock.split(':');
        let hour: i64 = parts.next()?.parse().ok()?;
        let minute: i64 = parts.next()?.parse().ok()?;
        let second: f64 = parts.next().unwrap_or("0").parse().ok()?;
        let minutes = days_of(year, month, day) * 1440 + hour * 60 + minute - offset;
        Some(Self(minutes * 60_000 + (second * 1000.0).round() as i64))
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

/// The clock time and its offset from UTC in minutes.
fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(utc) = clock.strip_suffix(['Z', 'z']) {
        return Some((utc, 0));
    }
    let Some(at) = clock.rfind(['+', '-']) else {
        return Some((clock, 0));
    };
    let (clock, offset) = clock.split_at(at);
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let number = |part: &str| part.parse::<i64>().ok();
    let minutes = number(digits.get(..2)?)? * 60
        + number(digits.get(2..).filter(|m| !m.is_empty()).unwrap_or("0"))?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    Some((clock, sign * minutes))
}

/// Days since 1970 of a date of the Gregorian calendar, counting years from March.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (era * 400 + year + i64::from(month <= 2), month, day)
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
