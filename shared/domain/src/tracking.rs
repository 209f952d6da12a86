//! What keeping a batch costs: counted at ingest, priced by a list.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign};

/// What a batch's scripts sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// Events stored; repeats count once.
    pub events: u64,
    /// Requests that brought them.
    pub requests: u64,
    /// Bytes of their data as reported, before compression.
    pub bytes: u64,
}

impl Tracked {
    /// Whether nothing was counted: left out of what is stored.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Add for Tracked {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            requests: self.requests + other.requests,
            bytes: self.bytes + other.bytes,
        }
    }
}

impl AddAssign for Tracked {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// List prices of AWS in us-east-1 in US dollars, as published in 2026. On one's own machine they say what
/// the same use would cost there.
mod price {
    /// One request through the HTTP API and a function of 256 MB that runs 10 ms on arm64.
    pub const REQUEST: f64 = 1.0e-6 + 0.2e-6 + 0.25 * 0.010 * 1.333_34e-5;
    /// One write unit of the table.
    pub const WRITE_UNIT: f64 = 0.625e-6;
    /// A gigabyte in the table for a month.
    pub const TABLE_GB_MONTH: f64 = 0.25;
    /// A gigabyte in the bucket for a month.
    pub const BUCKET_GB_MONTH: f64 = 0.023;
}

/// Write units of a request beside its data: summary, feed, job.
const UNITS_PER_REQUEST: f64 = 3.0;
/// How much smaller stored events are than reported ones.
const COMPRESSION: f64 = 4.0;
/// Bytes of one write unit.
const UNIT_BYTES: f64 = 1024.0;
/// Bytes of a gigabyte.
const GB: f64 = 1e9;

/// What tracking cost so far, and what keeping it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Once, for what was sent, US dollars.
    pub sent_usd: f64,
    /// Per month, for what is kept, US dollars.
    pub kept_usd_month: f64,
}

/// Prices what was tracked, and `artifacts` bytes in the bucket.
pub fn cost(tracked: Tracked, artifacts: u64) -> Cost {
    let stored = tracked.bytes as f64 / COMPRESSION;
    let units = UNITS_PER_REQUEST * tracked.requests as f64 + stored / UNIT_BYTES;
    let kept = stored / GB * price::TABLE_GB_MONTH;
    Cost {
        sent_usd: tracked.requests as f64 * price::REQUEST + units * price::WRITE_UNIT,
        kept_usd_month: kept + artifacts as f64 / GB * price::BUCKET_GB_MONTH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_grows_with_use_and_starts_at_nothing() {
        let nothing = cost(Tracked::default(), 0);
        assert_eq!((nothing.sent_usd, nothing.kept_usd_month), (0.0, 0.0));
        let million = Tracked {
            events: 1_000_000,
            requests: 10_000,
            bytes: 200_000_000,
        };
        let priced = cost(million, 1_000_000_000);
        assert!((0.05..0.1).contains(&priced.sent_usd), "{priced:?}");
        assert!((0.03..0.04).contains(&priced.kept_usd_month), "{priced:?}");
        assert!(cost(million + million, 0).sent_usd > priced.sent_usd);
    }
}
