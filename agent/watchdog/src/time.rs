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
        let written = calendar::parse(text).filter(|written| written.zoned)?;
        Some(Self(written.millis.div_euclid(1000)))
    }

    /// Day, as `2026-11-21`.
    #[must_use]
    pub fn day(self) -> String {
        let (year, month, day) = calendar::date_of(self.0.div_euclid(DAY_S));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Hour of the day, 0 to 23.
    #[must_use]
    pub fn hour(self) -> u32 {
        (self.0.rem_euclid(DAY_S) / 3600) as u32
    }
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
