//! Row ids of stored events: time-ordered, ascending within a process.

use domain::ids::time_ordered_id;
use domain::time::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

/// Hands out runs of consecutive row ids.
///
/// Within one process ids never repeat or go back. Two processes start each millisecond at a
/// random offset; should runs overlap all the same, only the numbers shown for two events of
/// different streams coincide, which nothing depends on.
#[derive(Debug, Default)]
pub struct RowIds {
    last: AtomicU64,
}

impl RowIds {
    /// First id of `count` fresh consecutive ones.
    pub fn take(&self, now: Timestamp, count: usize) -> u64 {
        let mut entropy = [0; 2];
        let random = match getrandom::fill(&mut entropy) {
            Ok(()) => u64::from(u16::from_le_bytes(entropy) & 0x3ff),
            Err(_) => 0,
        };
        let fresh = time_ordered_id(now, random);
        let count = count as u64;
        let mut first = fresh;
        let _ = self
            .last
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| {
                first = fresh.max(last + 1);
                Some(first + count - 1)
            });
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_never_overlap_even_when_the_clock_goes_back() {
        let ids = RowIds::default();
        let mut last = 0;
        for ms in [5_000_000_000_000, 5_000_000_000_000, 4_999_999_999_000] {
            let first = ids.take(Timestamp(ms), 500);
            assert!(first > last);
            last = first + 499;
        }
    }
}
