//! When a message that could not leave is tried again.

use crate::time::Timestamp;

/// Seconds from a failed try to the next; all together a day.
const PAUSES: [i64; 10] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800];

/// When a message is tried again that has failed `attempts` times; `None` when it has failed for
/// good. Up to a tenth is added by `id`, so that what failed together does not return together.
pub fn next_try(id: u64, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let pause = *PAUSES.get(index)?;
    let spread = i64::try_from(id % 1000).unwrap_or(0) * pause / 10_000;
    Some(now.plus_secs(pause + spread))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_spread_over_a_day_and_then_end() {
        let mut now = Timestamp(0);
        let mut tries = 1;
        while let Some(next) = next_try(7, tries, now) {
            assert!(next > now);
            now = next;
            tries += 1;
        }
        assert_eq!(tries, 11);
        let hours = now.0 / 3_600_000;
        assert!((23..27).contains(&hours), "{hours}");
    }

    #[test]
    fn what_failed_together_comes_back_apart() {
        assert_ne!(next_try(1, 5, Timestamp(0)), next_try(900, 5, Timestamp(0)));
    }
}
