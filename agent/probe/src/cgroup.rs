//! Control groups: what a container or a unit may use, and whether it hit its limit.

use crate::cpu::parse_pressure;
use crate::read::{number, text_if_there};
use crate::{Pressure, Probe};
use serde::{Deserialize, Serialize};

/// `memory.events` of one group, since the group was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupEvents {
    /// Times the hard limit was hit.
    pub max: u64,
    /// Times the kernel looked for a victim.
    pub oom: u64,
    /// Processes killed.
    pub oom_kill: u64,
}

/// One group of the unified hierarchy, or of the older memory hierarchy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cgroup {
    /// Path within the hierarchy, `/` for its root.
    pub path: String,
    /// Memory in use, in bytes.
    pub memory_bytes: Option<u64>,
    /// Hard limit of memory, in bytes; `None`: no limit.
    pub memory_limit_bytes: Option<u64>,
    /// Processors it may use, as a number such as 2.5; `None`: all.
    pub cpu_limit: Option<f64>,
    /// Events of its memory.
    pub events: CgroupEvents,
    /// Pressure of its memory.
    pub memory_pressure: Option<Pressure>,
}

impl Probe {
    /// The group `path` names (as [`Probe::cgroup_of`] gives it); `None` when neither hierarchy
    /// says anything about it.
    #[must_use]
    pub fn cgroup(&self, path: &str) -> Option<Cgroup> {
        self.unified(path).or_else(|| self.legacy(path))
    }

    fn unified(&self, path: &str) -> Option<Cgroup> {
        let folder = ["sys/fs/cgroup", "sys/fs/cgroup/unified"]
            .into_iter()
            .find(|f| self.path(f).join("cgroup.controllers").exists())?;
        let at = |file: &str| format!("{folder}/{}/{file}", path.trim_matches('/'));
        let text = |file: &str| text_if_there(self, &at(file));
        let memory_bytes = number(self, &at("memory.current"));
        let events = text("memory.events");
        if memory_bytes.is_none() && events.is_none() {
            return None;
        }
        Some(Cgroup {
            path: path.to_owned(),
            memory_bytes,
            memory_limit_bytes: number(self, &at("memory.max")),
            cpu_limit: text("cpu.max").and_then(|line| parse_cpu_max(&line)),
            events: parse_events(&events.unwrap_or_default()),
            memory_pressure: text("memory.pressure").and_then(|file| parse_pressure(&file)),
        })
    }

    fn legacy(&self, path: &str) -> Option<Cgroup> {
        let at = |file: &str| format!("sys/fs/cgroup/memory/{}/{file}", path.trim_matches('/'));
        let memory_bytes = number(self, &at("memory.usage_in_bytes"))?;
        let control = text_if_there(self, &at("memory.oom_control")).unwrap_or_default();
        let oom_kill = control
            .lines()
            .find_map(|line| line.strip_prefix("oom_kill "))
            .and_then(|n| n.trim().parse().ok())
            .unwrap_or(0);
        Some(Cgroup {
            path: path.to_owned(),
            memory_bytes: Some(memory_bytes),
            // Without a limit this hierarchy says a number near 2^63.
            memory_limit_bytes: number(self, &at("memory.limit_in_bytes"))
                .filter(|limit| *limit < 1 << 60),
            cpu_limit: None,
            events: CgroupEvents {
                max: number(self, &at("memory.failcnt")).unwrap_or(0),
                oom: oom_kill,
                oom_kill,
            },
            memory_pressure: None,
        })
    }
}

fn parse_cpu_max(line: &str) -> Option<f64> {
    let (quota, period) = line.trim().split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0.0).then(|| quota / period)
}

fn parse_events(file: &str) -> CgroupEvents {
    let value = |name: &str| {
        file.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .and_then(|n| n.trim().parse().ok())
            .unwrap_or(0)
    };
    CgroupEvents {
        max: value("max"),
        oom: value("oom"),
        oom_kill: value("oom_kill"),
    }
}
