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
    let days = (at.as_secs() / 86_400).cast_signed();
    let (year, month, day) = calendar::date_of(days);
    let of_day = at.as_secs() % 86_400;
    let mut out = *b"0000-00-00T00:00:00.000Z";
    put(&mut out[0..4], year.cast_unsigned());
    put(&mut out[5..7], month.cast_unsigned());
    put(&mut out[8..10], day.cast_unsigned());
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
