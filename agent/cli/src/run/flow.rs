//! How many lines per second are told.

use std::time::Instant;

/// Lines that may come at once.
const BURST: f64 = 2000.0;
/// Lines per second in the long run.
const PER_SECOND: f64 = 200.0;

/// Lets lines through up to a rate, and counts what it held back.
#[derive(Debug)]
pub struct Flow {
    allowance: f64,
    at: Instant,
    held: u64,
}

impl Flow {
    /// Full.
    pub fn new(now: Instant) -> Self {
        Self {
            allowance: BURST,
            at: now,
            held: 0,
        }
    }

    /// Whether a line may pass; with how many were held back before it.
    pub fn admit(&mut self, now: Instant) -> Option<u64> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.allowance = (self.allowance + passed * PER_SECOND).min(BURST);
        self.at = now;
        if self.allowance < 1.0 {
            self.held += 1;
            return None;
        }
        self.allowance -= 1.0;
        Some(std::mem::take(&mut self.held))
    }

    /// What was held back and not told yet.
    pub fn rest(&mut self) -> u64 {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_and_a_flood_is_counted() {
        let begin = Instant::now();
        let mut flow = Flow::new(begin);
        let passed = (0..3000).filter(|_| flow.admit(begin).is_some()).count();
        assert_eq!(passed, 2000);
        let later = begin + Duration::from_secs(1);
        assert_eq!(flow.admit(later), Some(1000));
        assert_eq!(flow.admit(later), Some(0));
        assert_eq!(flow.rest(), 0);
    }
}
