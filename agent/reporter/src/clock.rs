//! Times as the wire wants them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time since 1970, by the system's clock.
pub fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the length every timestamp has.
pub type Stamp = [u8; 24];

/// Writes a time as UTC text.
pub fn stamp(at: Duration) -> Stamp {
    let (year, month, day) = date(at.as_secs() / 86_400);
    let of_day = at.as_secs() % 86_400;
    let mut out = *b"0000-00-00T00:00:00.000Z";
    put(&mut out[0..4], year);
    put(&mut out[5..7], month);
    put(&mut out[8..10], day);
    put(&mut out[11..13], of_day / 3600);
    put(&mut out[14..16], of_day / 60 % 60);
    put(&mut out[17..19], of_day % 60);
    put(&mut out[20..23], u64::from(at.subsec_millis()));
    out
}

/// The present time as text.
pub fn now_text() -> String {
    String::from_utf8_lossy(&stamp(since_epoch())).into_owned()
}

fn put(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month and day of a number of days since 1970-01-01.
///
/// Counts in cycles of 400 years that begin on 1 March, so that the leap day is a year's last.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (cycle, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + u64::from(month <= 2);
    (year, month, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_text() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_289_673_042, "2026-11-21T19:34:33.042Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        ];
        for (millis, text) in cases {
            let written = stamp(Duration::from_millis(millis));
            assert_eq!(std::str::from_utf8(&written), Ok(text));
        }
    }
}
