//! Who this host is and what time it believes it is.

use crate::process::ticks_per_second;
use crate::read::{text, text_if_there};
use crate::{Probe, ProbeError};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Two clocks read at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Seconds since 1970, as set by people and time servers: may jump.
    pub wall_s: f64,
    /// Seconds since boot, including sleep: never jumps, starts anew at boot.
    pub boot_s: f64,
}

impl Clock {
    /// The clocks of this machine. They belong to the running kernel, not to a root.
    #[must_use]
    pub fn now() -> Self {
        let read = |id| {
            let at = clock_gettime(id);
            at.tv_sec as f64 + at.tv_nsec as f64 / 1e9
        };
        Self {
            wall_s: read(ClockId::Realtime),
            boot_s: read(ClockId::Boottime),
        }
    }

    /// How far the wall clock was set since `earlier`, in seconds; positive when set forward.
    /// Meaningless across a boot.
    #[must_use]
    pub fn jumped_since(&self, earlier: &Self) -> f64 {
        (self.wall_s - earlier.wall_s) - (self.boot_s - earlier.boot_s)
    }

    /// How long a process lives that began `start_ticks` after boot.
    #[must_use]
    pub fn age_of(&self, start_ticks: u64) -> Duration {
        let start_s = start_ticks as f64 / ticks_per_second() as f64;
        Duration::from_secs_f64((self.boot_s - start_s).max(0.0))
    }
}

impl Probe {
    /// Changes at every boot.
    pub fn boot_id(&self) -> Result<String, ProbeError> {
        text(self, "proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned())
    }

    /// Stays the same over boots; `None` where none was made.
    #[must_use]
    pub fn machine_id(&self) -> Option<String> {
        ["etc/machine-id", "var/lib/dbus/machine-id"]
            .into_iter()
            .filter_map(|path| text_if_there(self, path))
            .map(|id| id.trim().to_owned())
            .find(|id| !id.is_empty())
    }

    /// Name of the host, as the kernel has it.
    pub fn hostname(&self) -> Result<String, ProbeError> {
        text(self, "proc/sys/kernel/hostname").map(|name| name.trim().to_owned())
    }

    /// Seconds since boot.
    #[must_use]
    pub fn uptime_s(&self) -> Option<f64> {
        let line = text_if_there(self, "proc/uptime")?;
        line.split_whitespace().next()?.parse().ok()
    }
}
