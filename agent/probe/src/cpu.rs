//! Processors, load, and pressure: how long work had to wait.

use crate::read::{format, text, text_if_there};
use crate::{Probe, ProbeError};
use serde::{Deserialize, Serialize};

/// Processor time since boot, over all processors, in clock ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuTimes {
    /// Ticks in which something ran.
    pub busy: u64,
    /// All ticks.
    pub total: u64,
}

impl CpuTimes {
    /// Share of time something ran since `earlier`, in percent; `None` when no time passed.
    #[must_use]
    pub fn percent_since(&self, earlier: &Self) -> Option<f64> {
        let total = self.total.checked_sub(earlier.total).filter(|t| *t > 0)?;
        let busy = self.busy.saturating_sub(earlier.busy);
        Some((busy as f64 / total as f64 * 100.0).min(100.0))
    }
}

/// `/proc/loadavg`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Mean number of runnable and blocked tasks over one minute.
    pub one: f64,
    /// The same over five minutes.
    pub five: f64,
    /// The same over fifteen.
    pub fifteen: f64,
}

/// One line of a pressure file: share of time in which tasks waited, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PressureLine {
    /// Over ten seconds.
    pub avg10: f64,
    /// Over one minute.
    pub avg60: f64,
    /// Over five minutes.
    pub avg300: f64,
    /// Microseconds since boot.
    pub total_us: u64,
}

/// Pressure of one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pressure {
    /// At least one task waited.
    pub some: PressureLine,
    /// Nothing else could run meanwhile. All zero for the processor on older kernels.
    pub full: PressureLine,
}

/// Pressure of all resources; `None` where the kernel does not measure it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pressures {
    /// Waiting for a processor.
    pub cpu: Option<Pressure>,
    /// Waiting for memory.
    pub memory: Option<Pressure>,
    /// Waiting for disks.
    pub io: Option<Pressure>,
}

impl Probe {
    /// Processor time since boot.
    pub fn cpu_times(&self) -> Result<CpuTimes, ProbeError> {
        let stat = text(self, "proc/stat")?;
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "));
        let line = line.ok_or_else(|| format(self, "proc/stat", "no line of all processors"))?;
        // user nice system idle iowait irq softirq steal; guests are inside user already.
        let ticks: Vec<u64> = line
            .split_whitespace()
            .take(8)
            .filter_map(|n| n.parse().ok())
            .collect();
        if ticks.len() < 4 {
            return Err(format(self, "proc/stat", "too few columns"));
        }
        let total = ticks.iter().sum();
        let idle = ticks[3] + ticks.get(4).copied().unwrap_or(0);
        Ok(CpuTimes {
            busy: total - idle,
            total,
        })
    }

    /// Processors that are online.
    #[must_use]
    pub fn cores(&self) -> usize {
        let stat = text_if_there(self, "proc/stat").unwrap_or_default();
        let count = stat
            .lines()
            .filter_map(|line| line.strip_prefix("cpu"))
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .count();
        count.max(1)
    }

    /// Load averages.
    pub fn load(&self) -> Result<Load, ProbeError> {
        let line = text(self, "proc/loadavg")?;
        let mut numbers = line.split_whitespace().map_while(|n| n.parse().ok());
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(one), Some(five), Some(fifteen)) => Ok(Load { one, five, fifteen }),
            _ => Err(format(self, "proc/loadavg", "not three numbers")),
        }
    }

    /// Pressure of processor, memory and disks.
    #[must_use]
    pub fn pressures(&self) -> Pressures {
        let of = |what| {
            let file = text_if_there(self, &format!("proc/pressure/{what}"))?;
            parse_pressure(&file)
        };
        Pressures {
            cpu: of("cpu"),
            memory: of("memory"),
            io: of("io"),
        }
    }
}

pub(crate) fn parse_pressure(file: &str) -> Option<Pressure> {
    let line = |name: &str| {
        let rest = file.lines().find_map(|line| line.strip_prefix(name))?;
        let value = |key: &str| {
            rest.split_whitespace()
                .find_map(|pair| pair.strip_prefix(key))
        };
        Some(PressureLine {
            avg10: value("avg10=")?.parse().ok()?,
            avg60: value("avg60=")?.parse().ok()?,
            avg300: value("avg300=")?.parse().ok()?,
            total_us: value("total=")?.parse().ok()?,
        })
    };
    Some(Pressure {
        some: line("some ")?,
        full: line("full ").unwrap_or_default(),
    })
}
