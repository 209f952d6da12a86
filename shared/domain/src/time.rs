//! Instants, and the two texts they travel as.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// An instant in milliseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads what clients send: RFC 3339 with any offset, a space instead of `T`, or no offset
    /// at all (then UTC). `None` for anything else, including years outside 1970..=9999.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let instant = OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .or_else(|| parse_naive(text))?;
        let millis = i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).ok()?;
        (0..=253_402_300_799_999)
            .contains(&millis)
            .then_some(Self(millis))
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`, whole seconds: the form of everything the server stamps.
    pub fn to_text(self) -> String {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .ok()
            .and_then(|t| t.format(&format).ok())
            .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
    }

    /// The instant a span such as `45s`, `30m`, `12h`, `7d` or `2w` before `now`; `now-` may stand
    /// before it.
    pub fn back(span: &str, now: Self) -> Option<Self> {
        let span = span.trim().to_ascii_lowercase();
        let span = span.strip_prefix("now-").unwrap_or(&span);
        let (number, unit) = span.split_at_checked(span.len().checked_sub(1)?)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => return None,
        };
        let number: u32 = number.parse().ok()?;
        Some(now.plus_secs(-i64::from(number) * unit))
    }

    /// Whole seconds since the epoch.
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by `secs` seconds.
    pub fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is later.
    pub fn secs_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1000.0
    }
}

fn parse_naive(text: &str) -> Option<OffsetDateTime> {
    let swapped = text.replacen(' ', "T", 1);
    if let Ok(t) = OffsetDateTime::parse(&swapped, &Rfc3339) {
        return Some(t);
    }
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let fraction = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]");
    PrimitiveDateTime::parse(&swapped, &whole)
        .or_else(|_| PrimitiveDateTime::parse(&swapped, &fraction))
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

/// A client's instant: parsed for comparing, kept as sent for showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientTime {
    /// The parsed instant; all ordering uses this.
    pub at: Timestamp,
    /// The text as the client sent it.
    pub text: String,
}

impl ClientTime {
    /// Parses `text`; `None` when it is no instant.
    pub fn parse(text: &str) -> Option<Self> {
        Timestamp::parse(text).map(|at| Self {
            at,
            text: text.to_owned(),
        })
    }

    /// A time stamped by the server itself.
    pub fn server(at: Timestamp) -> Self {
        Self {
            at,
            text: at.to_text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_clients_send() {
        let expected = Some(Timestamp(1_795_234_839_000));
        for text in [
            "2026-11-21T04:20:39Z",
            "2026-11-21 04:20:39Z",
            "2026-11-21T04:20:39",
            "2026-11-21T12:20:39+08:00",
            "2026-11-21T04:20:39.000",
            " 2026-11-21T04:20:39.0004Z ",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        for text in [
            "",
            "garbage",
            "2026-13-01T00:00:00Z",
            "12",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn spans_count_back_from_now() {
        let now = Timestamp(1_000_000_000);
        assert_eq!(Timestamp::back("30m", now), Some(now.plus_secs(-1800)));
        assert_eq!(Timestamp::back("now-2H", now), Some(now.plus_secs(-7200)));
        for text in ["", "d", "7", "-7d", "7y", "99999999999d", "七d"] {
            assert_eq!(Timestamp::back(text, now), None, "{text}");
        }
    }

    #[test]
    fn writes_whole_seconds() {
        assert_eq!(
            Timestamp(1_795_234_839_999).to_text(),
            "2026-11-21T04:20:39Z"
        );
    }
}
