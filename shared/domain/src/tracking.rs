//! What a batch costs: tracking it, counted at ingest and priced by a list; and the machine it ran on.

use crate::batch::Batch;
use crate::guardrail::idle::UNUSED_PCT;
use crate::price::{GB, list};
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
    /// Readings of its hosts' GPUs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gpu_readings: u64,
    /// Those that found a GPU unused.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gpu_unused: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Tracked {
    /// Whether nothing was counted: left out of what is stored.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Counts what one snapshot says of each GPU, percent.
    pub fn note_gpus(&mut self, utils: &[f64]) {
        let known = utils.iter().filter(|util| util.is_finite());
        self.gpu_readings += known.clone().count() as u64;
        self.gpu_unused += known.filter(|util| **util < UNUSED_PCT).count() as u64;
    }

    /// The share of GPU time with utilisation near nothing, 0 to 1; `None` when nobody reported GPUs.
    pub fn unused_share(&self) -> Option<f64> {
        (self.gpu_readings > 0).then(|| self.gpu_unused as f64 / self.gpu_readings as f64)
    }
}

impl Add for Tracked {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            requests: self.requests + other.requests,
            bytes: self.bytes + other.bytes,
            gpu_readings: self.gpu_readings + other.gpu_readings,
            gpu_unused: self.gpu_unused + other.gpu_unused,
        }
    }
}

impl AddAssign for Tracked {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Write units of a request beside its data: summary, feed, job.
const UNITS_PER_REQUEST: f64 = 3.0;
/// How much smaller stored events are than reported ones.
const COMPRESSION: f64 = 4.0;
/// Bytes of one write unit.
const UNIT_BYTES: f64 = 1024.0;
/// Seconds of an hour.
const HOUR: f64 = 3600.0;

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
    let prices = list();
    let stored = tracked.bytes as f64 / COMPRESSION;
    let units = UNITS_PER_REQUEST * tracked.requests as f64 + stored / UNIT_BYTES;
    let busy = prices.report_seconds * prices.function_gb * prices.gb_second;
    let kept = stored / GB * prices.table_gb_month;
    Cost {
        sent_usd: tracked.requests as f64 * (prices.request + busy) + units * prices.write_unit,
        kept_usd_month: kept + artifacts as f64 / GB * prices.bucket_gb_month,
    }
}

/// What the hosts of some batches were held for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Machine {
    /// Hours.
    pub hours: f64,
    /// US dollars, of those hosts whose rate is known; `None` when none is.
    pub usd: Option<f64>,
    /// Of the hours, those in which GPUs were read.
    gpu_hours: f64,
    /// Of those, the ones in which they were unused.
    unused_hours: f64,
}

impl Machine {
    /// Adds a batch whose host costs `hourly_usd`. It held it from its start until its end, or until it
    /// was last heard of.
    pub fn add(&mut self, batch: &Batch, hourly_usd: Option<f64>) {
        let end = batch.end_time.as_ref().map(|end| end.at);
        let end = end.unwrap_or(batch.last_event_at);
        let hours = end.secs_since(batch.start_time.at).max(0.0) / HOUR;
        self.hours += hours;
        if let Some(rate) = hourly_usd {
            *self.usd.get_or_insert(0.0) += hours * rate;
        }
        if let Some(share) = batch.tracked.unused_share() {
            self.gpu_hours += hours;
            self.unused_hours += hours * share;
        }
    }

    /// The share of the hours with GPUs in which they were unused, 0 to 1.
    pub fn idle_share(&self) -> Option<f64> {
        (self.gpu_hours > 0.0).then(|| self.unused_hours / self.gpu_hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, batch};
    use crate::time::ClientTime;

    #[test]
    fn cost_grows_with_use_and_starts_at_nothing() {
        let nothing = cost(Tracked::default(), 0);
        assert_eq!((nothing.sent_usd, nothing.kept_usd_month), (0.0, 0.0));
        let million = Tracked {
            events: 1_000_000,
            requests: 10_000,
            bytes: 200_000_000,
            ..Tracked::default()
        };
        let priced = cost(million, 1_000_000_000);
        assert!((0.05..0.1).contains(&priced.sent_usd), "{priced:?}");
        // With the copies that restore any second of the last weeks.
        assert!((0.04..0.05).contains(&priced.kept_usd_month), "{priced:?}");
        assert!(cost(million + million, 0).sent_usd > priced.sent_usd);
    }

    #[test]
    fn hosts_cost_by_the_hour_and_unused_gpus_are_weighed_by_time() {
        let held = |hours: i64, utils: &[f64]| {
            let mut batch = batch("b");
            batch.start_time = ClientTime::server(START);
            batch.end_time = Some(ClientTime::server(START.plus_secs(hours * 3600)));
            batch.tracked.note_gpus(utils);
            batch
        };
        let mut machine = Machine::default();
        machine.add(&held(3, &[90.0, f64::NAN]), Some(2.0));
        machine.add(&held(1, &[0.0, 4.0, 60.0, 80.0]), Some(10.0));
        // No GPU, no rate.
        machine.add(&held(6, &[]), None);
        assert_eq!((machine.hours, machine.usd), (10.0, Some(16.0)));
        assert_eq!(machine.idle_share(), Some(0.5 / 4.0));
        let mut early = held(1, &[]);
        early.end_time = Some(ClientTime::server(START.plus_secs(-60)));
        let mut nothing = Machine::default();
        nothing.add(&early, None);
        assert_eq!(
            (nothing.hours, nothing.usd, nothing.idle_share()),
            (0.0, None, None)
        );
    }
}
