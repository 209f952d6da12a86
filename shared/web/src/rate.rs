//! Token buckets in this process, for routes where a rough bound per instance is enough.

use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::Mutex;

/// Buckets kept at most; beyond that full ones are forgotten first.
const BUCKETS: usize = 10_000;

/// A family of buckets with one size and refill, which may change from request to request.
#[derive(Default)]
pub struct RateLimit {
    buckets: Mutex<HashMap<u64, Level>>,
}

/// Requests spent and not yet refilled, at an instant.
type Level = (f64, Timestamp);

impl RateLimit {
    /// Takes one request of `key` where `burst` at once and `per_sec` sustained are allowed; `Err`
    /// holds the seconds until the next one.
    pub fn take(&self, key: u64, now: Timestamp, burst: u32, per_sec: u32) -> Result<(), u64> {
        let (capacity, per_sec) = (f64::from(burst), f64::from(per_sec));
        let mut buckets = self.buckets.lock().unwrap_or_else(|e| e.into_inner());
        if buckets.len() >= BUCKETS && !buckets.contains_key(&key) {
            buckets.retain(|_, (spent, at)| *spent > now.secs_since(*at) * per_sec);
        }
        let (spent, at) = buckets.entry(key).or_insert((0.0, now));
        *spent = (*spent - now.secs_since(*at).max(0.0) * per_sec).max(0.0);
        *at = now;
        let over = *spent + 1.0 - capacity;
        if over <= 0.0 {
            *spent += 1.0;
            return Ok(());
        }
        Err((over / per_sec).ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_refills() {
        let limit = RateLimit::default();
        let take = |key, ms| limit.take(key, Timestamp(ms), 2, 1);
        assert!(take(1, 0).is_ok() && take(1, 0).is_ok());
        assert_eq!(take(1, 0), Err(1));
        assert!(take(2, 0).is_ok());
        assert!(take(1, 1000).is_ok());
    }

    #[test]
    fn a_larger_bound_counts_at_once() {
        let limit = RateLimit::default();
        let now = Timestamp(0);
        assert!(limit.take(1, now, 1, 1).is_ok());
        assert_eq!(limit.take(1, now, 1, 1), Err(1));
        assert!(limit.take(1, now, 2, 1).is_ok());
    }
}
