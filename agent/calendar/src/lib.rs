//! Dates of the Gregorian calendar and the instants programs write, for programs on a training
//! host that have no room for a time zone database. Knows no clock.

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// An instant as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Milliseconds since 1970, UTC.
    pub millis: i64,
    /// Whether the text said its offset; without one it is read as UTC.
    pub zoned: bool,
}

/// Reads `2026-11-21T04:20:39.5Z`: with any offset or none, with or without seconds and their
/// fraction, a blank in place of the `T`. `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<Written> {
    let text = text.trim().as_bytes();
    let (year, month, day) = (number(text, 0)?, pair(text, 5)?, pair(text, 8)?);
    let (hour, minute) = (pair(text, 11)?, pair(text, 14)?);
    let joined = (text[4], text[7], text[13]) == (b'-', b'-', b':')
        && matches!(text[10], b'T' | b't' | b' ');
    let real = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    if !joined || !real {
        return None;
    }
    let (millis, rest) = seconds(&text[16..])?;
    let offset = offset_minutes(rest)?;
    let minutes = days_of(year, month, day) * 1440 + hour * 60 + minute - offset.unwrap_or(0);
    Some(Written {
        millis: minutes * 60_000 + millis,
        zoned: offset.is_some(),
    })
}

fn pair(text: &[u8], at: usize) -> Option<i64> {
    digits(text.get(at..at + 2)?)
}

fn number(text: &[u8], at: usize) -> Option<i64> {
    digits(text.get(at..at + 4)?)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// `:39.5` as milliseconds, and what follows. A leap second counts as the next one.
fn seconds(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after) = text.strip_prefix(b":") else {
        return Some((0, text));
    };
    let whole = pair(after, 0).filter(|s| *s <= 60)?;
    let Some(fraction) = after[2..].strip_prefix(b".") else {
        return Some((whole * 1000, &after[2..]));
    };
    let length = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let place = |at: usize| {
        fraction[..length]
            .get(at)
            .map_or(0, |c| i64::from(c - b'0'))
    };
    let millis = place(0) * 100 + place(1) * 10 + place(2) + i64::from(place(3) >= 5);
    Some((whole * 1000 + millis, &fraction[length..]))
}

/// `Z`, `+01:00`, `+0100` or `+01`; `None` inside for no text at all.
fn offset_minutes(text: &[u8]) -> Option<Option<i64>> {
    let (sign, rest) = match text {
        [] => return Some(None),
        b"Z" | b"z" => return Some(Some(0)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (pair(rest, 0)?, 0),
        4 => (pair(rest, 0)?, pair(rest, 2)?),
        5 if rest[2] == b':' => (pair(rest, 0)?, pair(rest, 3)?),
        _ => return None,
    };
    Some(Some(sign * (hours * 60 + minutes)))
}

/// Days since 1970 of a date. Years are counted from March, in eras of 400, so that the leap day
/// is the last of its year.
#[must_use]
#[inline]
pub fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
#[must_use]
#[inline]
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
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
    fn dates_go_both_ways() {
        for days in (-200_000..200_000).step_by(97) {
            let (year, month, day) = date_of(days);
            assert_eq!(days_of(year, month, day), days);
        }
        assert_eq!(date_of(11_016), (2000, 2, 29));
        assert_eq!(days_of(1970, 1, 1), 0);
    }

    #[test]
    fn every_way_to_write_an_instant_is_read() {
        let utc = 1_795_234_839_000;
        for (text, zoned) in [
            ("2026-11-21T04:20:39Z", true),
            ("2026-11-21T05:20:39+01:00", true),
            ("2026-11-21T05:20:39+0100", true),
            (" 2026-11-20t20:50:39.0004-07:30", true),
            ("2026-11-21 04:20:39", false),
            ("2026-11-21T04:20:38.9996+00", true),
        ] {
            let millis = utc;
            assert_eq!(parse(text), Some(Written { millis, zoned }), "{text}");
        }
        let minute = parse("2026-11-21T04:20Z").map(|w| w.millis);
        assert_eq!(minute, Some(utc - 39_000));
        for bad in [
            "",
            "yesterday",
            "2026-02-20",
            "2026-13-20T00:00:00Z",
            "2026-02-20T24:00:00Z",
            "2026-02-20T00:00:61Z",
            "2026-02-20T00:00:00.Z",
            "2026-02-20T00:00:00 UTC",
            "2026-02-20T00:00:00+1",
            "2026-02-2ÄT00:00:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
