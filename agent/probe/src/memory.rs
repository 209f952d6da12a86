//! Memory and swap, and what the kernel had to do about them.

use crate::read::{format, text, text_if_there};
use crate::{Probe, ProbeError};
use serde::{Deserialize, Serialize};

/// `/proc/meminfo`, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// All RAM.
    pub total_bytes: u64,
    /// What could be handed out without swapping.
    pub available_bytes: u64,
    /// All swap; 0 when there is none.
    pub swap_total_bytes: u64,
    /// Unused swap.
    pub swap_free_bytes: u64,
}

impl Memory {
    /// Share of RAM that is not available, in percent.
    #[must_use]
    pub fn used_pct(&self) -> f64 {
        share(self.available_bytes, self.total_bytes)
    }

    /// Share of swap in use, in percent; `None` without swap.
    #[must_use]
    pub fn swap_used_pct(&self) -> Option<f64> {
        (self.swap_total_bytes > 0).then(|| share(self.swap_free_bytes, self.swap_total_bytes))
    }
}

fn share(free: u64, total: u64) -> f64 {
    if total == 0 {
        return 0.0;
    }
    total.saturating_sub(free) as f64 / total as f64 * 100.0
}

/// Counters of `/proc/vmstat`, since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmEvents {
    /// Processes the kernel killed for lack of memory, on the whole host.
    pub oom_kills: u64,
    /// Pages read from swap.
    pub swapped_in: u64,
    /// Pages written to swap.
    pub swapped_out: u64,
}

impl Probe {
    /// Memory and swap.
    pub fn memory(&self) -> Result<Memory, ProbeError> {
        let file = text(self, "proc/meminfo")?;
        let kib = |name: &str| {
            let rest = file.lines().find_map(|line| line.strip_prefix(name))?;
            let number: u64 = rest.split_whitespace().next()?.parse().ok()?;
            number.checked_mul(1024)
        };
        let missing = || format(self, "proc/meminfo", "no total or no available memory");
        Ok(Memory {
            total_bytes: kib("MemTotal:").filter(|t| *t > 0).ok_or_else(missing)?,
            // Kernels before 3.14 lack it; free memory is the careful answer there.
            available_bytes: kib("MemAvailable:")
                .or_else(|| kib("MemFree:"))
                .ok_or_else(missing)?,
            swap_total_bytes: kib("SwapTotal:").unwrap_or(0),
            swap_free_bytes: kib("SwapFree:").unwrap_or(0),
        })
    }

    /// Counters of the memory management; zero where the kernel does not count.
    #[must_use]
    pub fn vm_events(&self) -> VmEvents {
        let file = text_if_there(self, "proc/vmstat").unwrap_or_default();
        let mut events = VmEvents::default();
        for line in file.lines() {
            let Some((name, value)) = line.split_once(' ') else {
                continue;
            };
            let value = value.trim().parse().unwrap_or(0);
            match name {
                "oom_kill" => events.oom_kills = value,
                "pswpin" => events.swapped_in = value,
                "pswpout" => events.swapped_out = value,
                _ => {}
            }
        }
        events
    }
}
