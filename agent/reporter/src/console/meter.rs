//! How many lines per second are worth keeping.

use std::time::Instant;

/// Lines per second in the long run.
const RATE: f64 = 50.0;
/// Lines at once.
const BURST: f64 = 1000.0;

/// Lets a burst through, then a bounded rate; counts the rest.
#[derive(Clone, Debug)]
pub struct Meter {
    room: f64,
    since: Instant,
    left_out: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            room: BURST,
            since: Instant::now(),
            left_out: 0,
        }
    }
}

impl Meter {
    /// Whether a line at `now` may pass.
    pub fn passes(&mut self, now: Instant) -> bool {
        let gone = now.saturating_duration_since(self.since).as_secs_f64();
        self.since = now;
        self.room = (self.room + gone * RATE).min(BURST);
        if self.room < 1.0 {
            self.left_out += 1;
            return false;
        }
        self.room -= 1.0;
        true
    }

    /// Lines left out since the last time this was asked, once lines pass again.
    pub fn left_out(&mut self) -> Option<u64> {
        let some = self.left_out > 0 && self.room >= 1.0;
        some.then(|| std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_is_thinned_and_counted() {
        let (mut meter, start) = (Meter::default(), Instant::now());
        let passed = (0..3000).filter(|_| meter.passes(start)).count();
        assert_eq!(passed, 1000);
        assert_eq!(meter.left_out(), None, "the flood goes on");
        assert!(meter.passes(start + Duration::from_secs(1)));
        assert_eq!(meter.left_out(), Some(2000));
        assert_eq!(meter.left_out(), None);
    }
}
