//! Instants as whole seconds since 1970, written the one way records use: `2026-11-21T08:00:00Z`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Seconds in one day.
pub const DAY_S: i64 = 86_400;

/// An instant, UTC, to the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub i64);

impl Stamp {
    /// Now, by the wall clock.
    #[must_use]
    pub fn now() -> Self {
        Self(probe::Clock::now().wall_s as i64)
    }

    /// Seconds since `earlier`; 0 when that lies in the future.
    #[must_use]
    pub fn since(self, earlier: i64) -> i64 {
        (self.0 - earlier).max(0)
    }

    /// Reads `2026-11-21T08:00:00Z`, with or without a fraction of a second or an offset of hours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let bytes = text.as_bytes();
        if bytes.len() < 20 || bytes[4] != b'-' || !matches!(bytes[10], b'T' | b't' | b' ') {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
            return None;
        }
        let zone = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        let days = days_from_civil(year, month, day);
        let local = days * DAY_S + hour * 3600 + minute * 60 + second.min(60);
        Some(Self(local - offset_s(zone)?))
    }

    /// Day, as `2026-11-21`.
    #[must_use]
    pub fn day(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_S));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Hour of the day, 0 to 23.
    #[must_use]
    pub fn hour(self) -> u32 {
        (self.0.rem_euclid(DAY_S) / 3600) as u32
    }
}

fn offset_s(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(sign * (hours * 3600 + minutes * 60))
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.rem_euclid(DAY_S);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}Z", self.day())
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 instant"))
    }
}

/// Days since 1970 of a date of the Gregorian calendar (years counted from March, in eras of 400).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
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
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A span in words, for people: `45 s`, `12 min`, `3 h`, `2 d`.
#[must_use]
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / DAY_S),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_survive_being_written() {
        for seconds in [0, 951_782_399, 951_782_400, 1_792_000_000, 4_102_444_799] {
            let text = Stamp(seconds).to_string();
            assert_eq!(Stamp::parse(&text), Some(Stamp(seconds)), "{text}");
        }
        assert_eq!(Stamp(1_771_545_600).to_string(), "2026-02-20T00:00:00Z");
        let shifted = Stamp::parse("2026-02-20T02:00:00.123+02:00");
        assert_eq!(shifted, Some(Stamp(1_771_545_600)));
        for bad in [
            "",
            "2026-02-20",
            "2026-13-20T00:00:00Z",
            "2026-02-20T00:00:00",
        ] {
            assert_eq!(Stamp::parse(bad), None, "{bad}");
        }
    }
}
