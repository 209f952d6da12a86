//! Bringing events to the server.

mod courier;
mod refused;
mod upload;

pub use courier::{Cause, Courier, Report, Wait};
pub use refused::keep_aside;
pub use upload::{Progress, UPLOAD_BYTES, Upload};

use std::time::Duration;

/// Most events of one request.
pub const BATCH_EVENTS: usize = 500;
/// Bytes of one request, before compression.
pub const BATCH_BYTES: usize = 1024 * 1024;
/// Events wait this long for others.
pub const BATCH_AGE: Duration = Duration::from_secs(1);

/// Longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(15);
/// First wait.
const SHORTEST: Duration = Duration::from_millis(250);
/// Wait after the server refused the token or has no such route: people have to do something.
const REFUSED: Duration = Duration::from_secs(60);

/// How long to wait after so many failures in a row: between a half and all of a bound that
/// doubles, so that a lab's scripts do not come back all at once.
pub fn backoff(failures: u32) -> Duration {
    let bound = SHORTEST.saturating_mul(1 << failures.min(8)).min(LONGEST);
    let [random] = crate::ids::random::<1>();
    bound.mul_f64(0.5 + f64::from(random) / 510.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        for (failures, least, most) in [(0, 125, 250), (2, 500, 1000), (40, 7500, 15_000)] {
            let wait = backoff(failures).as_millis();
            assert!((least..=most).contains(&wait), "{failures}: {wait}");
        }
    }
}
