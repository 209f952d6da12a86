//! How long to wait after trouble: longer each time, and never in step with other hosts.

use std::time::Duration;

/// Waits that double up to a cap; each is drawn from the upper half, so that a thousand hosts do
/// not come back at once.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// Starts with `first`, never waits longer than `cap`.
    pub fn new(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            failures: 0,
        }
    }

    /// Forgets past failures.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// One more failure: how long to wait now, at least as long as the server asked for.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let entropy = getrandom::u32().unwrap_or(u32::MAX / 2);
        self.next_with(asked, entropy)
    }

    fn next_with(&mut self, asked: Option<Duration>, entropy: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let most = doubled.min(self.cap);
        let share = 0.5 + 0.5 * f64::from(entropy) / f64::from(u32::MAX);
        most.mul_f64(share).max(asked.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_begin_again() {
        let second = Duration::from_secs(1);
        let mut waits = Backoff::new(second, 60 * second);
        let most: Vec<_> = (0..8).map(|_| waits.next_with(None, u32::MAX)).collect();
        let seconds: Vec<_> = most.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        waits.reset();
        assert_eq!(waits.next_with(None, 0), second / 2);
        let asked = waits.next_with(Some(90 * second), 0);
        assert_eq!(asked, 90 * second, "the server's wish outranks the cap");
        for _ in 0..100 {
            waits.next(None);
        }
        assert_eq!(waits.failures(), 102, "no overflow on the way");
    }
}
