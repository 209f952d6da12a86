//! Token buckets in this process, for routes where a rough bound per instance is enough.

use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::Mutex;

/// Buckets kept at most; beyond that full ones are forgotten first.
const BUCKETS: usize = 10_000;

/// A family of buckets with one size and refill.
pub struct RateLimit {
    capacity: f64,
    per_sec: f64,
    buckets: Mutex<HashMap<u64, (f64, Timestamp)>>,
}

impl RateLimit {
    /// `burst` requests at once, `per_sec` sustained.
    pub fn new(burst: u32, per_sec: u32) -> Self {
        Self {
            capacity: f64::from(burst),
            per_sec: f64::from(per_sec),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one token of `key`; `Err` holds the seconds until the next one.
    pub fn take(&self, key: u64, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(|e| e.into_inner());
        if buckets.len() >= BUCKETS && !buckets.contains_key(&key) {
            let (capacity, per_sec) = (self.capacity, self.per_sec);
            buckets.retain(|_, (left, at)| *left + now.secs_since(*at) * per_sec < capacity);
        }
        let (left, at) = buckets.entry(key).or_insert((self.capacity, now));
        let gained = now.secs_since(*at).max(0.0) * self.per_sec;
        *left = (*left + gained).min(self.capacity);
        *at = now;
        if *left >= 1.0 {
            *left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - *left) / self.per_sec).ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_refills() {
        let limit = RateLimit::new(2, 1);
        let now = Timestamp(0);
        assert!(limit.take(1, now).is_ok() && limit.take(1, now).is_ok());
        assert_eq!(limit.take(1, now), Err(1));
        assert!(limit.take(2, now).is_ok());
        assert!(limit.take(1, Timestamp(1000)).is_ok());
    }
}
