//! Is there room right now? Not a matter of right or wrong: what finds no room waits its turn.

use crate::Policy;
use std::collections::BTreeMap;

/// What is going on on the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Runs of this agent.
    pub runs: usize,
    /// Runs of this agent per GPU, by the name the run was given (index or UUID).
    pub gpus: BTreeMap<String, usize>,
    /// Minute of the host's day, 0 to 1439.
    pub minute: u16,
}

/// Whether a run may begin now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// It may.
    Yes,
    /// Not yet, and why.
    Wait(String),
}

/// Hours of a day, across midnight if need be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: u16,
    to: u16,
}

impl Window {
    /// Reads `22:00-07:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        (from != to).then_some(Self { from, to })
    }

    /// Whether the minute lies within.
    pub fn holds(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Room for a run that wants these GPUs, by every policy.
pub fn room(policies: &[Policy], load: &Load, wanted: &[String]) -> Room {
    for policy in policies {
        let limits = &policy.limits;
        if limits.max_runs > 0 && load.runs >= limits.max_runs {
            return Room::Wait(format!("{} runs are going on", load.runs));
        }
        let busy = wanted.iter().find(|gpu| {
            limits.max_runs_per_gpu > 0
                && load.gpus.get(*gpu).copied().unwrap_or(0) >= limits.max_runs_per_gpu
        });
        if let Some(gpu) = busy {
            return Room::Wait(format!("GPU {gpu} is taken"));
        }
        if limits.windows().any(|window| window.holds(load.minute)) {
            return Room::Wait("these are quiet hours".to_owned());
        }
    }
    Room::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cross_midnight() {
        let night = Window::parse("22:00-07:00").unwrap();
        assert!(night.holds(23 * 60) && night.holds(0) && night.holds(6 * 60 + 59));
        assert!(!night.holds(7 * 60) && !night.holds(12 * 60));
        for bad in ["", "22-07", "24:00-01:00", "10:00-10:00", "10:60-11:00"] {
            assert_eq!(Window::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn full_means_wait() {
        let mut policy = Policy::default();
        policy.limits.max_runs = 2;
        policy.limits.max_runs_per_gpu = 1;
        policy.limits.quiet_hours = vec!["12:00-13:00".to_owned()];
        let policies = [policy];
        let mut load = Load {
            runs: 1,
            ..Load::default()
        };
        load.gpus.insert("0".to_owned(), 1);
        let gpu = |name: &str| vec![name.to_owned()];
        assert_eq!(room(&policies, &load, &gpu("1")), Room::Yes);
        assert!(matches!(room(&policies, &load, &gpu("0")), Room::Wait(_)));
        load.minute = 12 * 60 + 30;
        assert!(matches!(room(&policies, &load, &[]), Room::Wait(_)));
        load = Load {
            runs: 2,
            ..Load::default()
        };
        assert!(matches!(room(&policies, &load, &[]), Room::Wait(_)));
    }
}
