//! Hosts over time: which gauge, which window, and readings in buckets.

use crate::limits::{DISK_LOW_MB, GPU_HOT_C, HOST_ONLINE_SECS, HOST_QUIET_SECS};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Name of a host that did not say its own.
pub const UNKNOWN_HOST: &str = "unknown";
/// Window when none was asked for, seconds.
const DEFAULT_WINDOW_SECS: i64 = 3600;

/// A gauge with a time series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostMetric {
    /// GPU memory in use.
    GpuMem,
    /// GPU utilisation.
    GpuUtil,
    /// CPU utilisation.
    CpuUtil,
    /// Main memory in use.
    Ram,
}

impl HostMetric {
    /// Reads the word on the wire; any other word means GPU memory.
    pub fn parse(word: &str) -> Self {
        [Self::GpuUtil, Self::CpuUtil, Self::Ram]
            .into_iter()
            .find(|metric| metric.as_str() == word)
            .unwrap_or(Self::GpuMem)
    }

    /// The word on the wire, which is also the host's gauge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GpuMem => "gpu_mem_mb",
            Self::GpuUtil => "gpu_util_pct",
            Self::CpuUtil => "cpu_util_pct",
            Self::Ram => "ram_mb",
        }
    }

    /// The gauge of the reporting process that goes with it.
    pub fn process_gauge(self) -> &'static str {
        match self {
            Self::GpuMem => "proc_gpu_mem_mb",
            Self::GpuUtil | Self::CpuUtil => "proc_cpu_pct",
            Self::Ram => "proc_ram_mb",
        }
    }

    /// The gauge that says how much there is; `None` for percentages.
    pub fn capacity_gauge(self) -> Option<&'static str> {
        match self {
            Self::GpuMem => Some("gpu_mem_total_mb"),
            Self::Ram => Some("ram_total_mb"),
            Self::GpuUtil | Self::CpuUtil => None,
        }
    }
}

/// Start of a window: an instant, or `now-<n>h`, `m` or `s` in either case; anything else means
/// the last hour.
pub fn window_start(text: Option<&str>, now: Timestamp) -> Timestamp {
    let text = text.unwrap_or_default().trim();
    Timestamp::parse(text)
        .or_else(|| relative(text, now))
        .unwrap_or_else(|| now.plus_secs(-DEFAULT_WINDOW_SECS))
        .max(Timestamp(0))
}

fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let lower = text.to_ascii_lowercase();
    let span = lower.strip_prefix("now-")?;
    let (count, secs) = [('h', 3600_i64), ('m', 60), ('s', 1)]
        .into_iter()
        .find_map(|(unit, secs)| Some((span.strip_suffix(unit)?, secs)))?;
    if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // So many digits that they do not fit reach back to the beginning, too.
    let count = count.parse().unwrap_or(i64::MAX);
    Some(now.plus_secs(secs.saturating_mul(count).saturating_neg()))
}

/// One reading of a gauge.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// When.
    pub at: Timestamp,
    /// Batch that reported it.
    pub batch: String,
    /// The host's gauge.
    pub host: Option<f64>,
    /// The reporting process's gauge.
    pub process: Option<f64>,
}

/// Readings of one span of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// Start, a multiple of the width since the epoch.
    pub start: Timestamp,
    /// Mean of the host's gauge.
    pub total: Option<f64>,
    /// Sum of the process gauges of each batch.
    pub by_batch: BTreeMap<String, f64>,
}

/// Sorts readings into buckets of `width_secs` (at least one), oldest first. Spans without
/// readings have no bucket; numbers that are not finite count as absent.
pub fn buckets(readings: impl IntoIterator<Item = Reading>, width_secs: i64) -> Vec<Bucket> {
    let width = width_secs.max(1);
    let mut spans: BTreeMap<i64, (f64, usize, BTreeMap<String, f64>)> = BTreeMap::new();
    for reading in readings {
        let start = reading.at.secs().div_euclid(width) * width;
        let (sum, count, by_batch) = spans.entry(start).or_default();
        if let Some(value) = reading.host.filter(|v| v.is_finite()) {
            *sum += value;
            *count += 1;
        }
        if let Some(value) = reading.process.filter(|v| v.is_finite()) {
            *by_batch.entry(reading.batch).or_default() += value;
        }
    }
    let bucket = |(start, (sum, count, by_batch)): (i64, (f64, usize, _))| Bucket {
        start: Timestamp(0).plus_secs(start),
        total: (count > 0).then(|| sum / count as f64),
        by_batch,
    };
    spans.into_iter().map(bucket).collect()
}

/// What is worth a look, from the temperature of the hottest GPU (°C) and the free disk (MB).
pub fn warnings(gpu_temp_c: Option<f64>, disk_free_mb: Option<f64>) -> Vec<String> {
    let hot = gpu_temp_c.filter(|temp| *temp > GPU_HOT_C);
    let full = disk_free_mb.filter(|free| *free < DISK_LOW_MB);
    let hot = hot.map(|temp| format!("GPU at {temp:.0} °C"));
    let full = full.map(|free| format!("Only {:.1} GB of disk free", free / 1024.0));
    hot.into_iter().chain(full).collect()
}

/// Whether a host seen at `last_seen` counts as running.
pub fn is_online(last_seen: Timestamp, now: Timestamp) -> bool {
    now.secs_since(last_seen) <= HOST_ONLINE_SECS as f64
}

/// Whether a host seen at `last_seen` has been silent for long enough to be deleted.
pub fn is_quiet(last_seen: Timestamp, now: Timestamp) -> bool {
    now.secs_since(last_seen) > HOST_QUIET_SECS as f64
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
