//! What `/proc` says: which start of the machine this is, and whether a process is still the one
//! we knew. A number alone says nothing, since numbers come round again.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A process beyond doubt: its number, when it began, and in which start of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Number.
    pub pid: u32,
    /// Begin, in clock ticks since the machine started.
    pub starttime: u64,
    /// Which start of the machine.
    pub boot_id: String,
    /// Its own cgroup, if it got one.
    #[serde(default)]
    pub cgroup: Option<PathBuf>,
}

/// A machine, seen through its `/proc`.
#[derive(Clone, Debug)]
pub struct Machine {
    proc: PathBuf,
}

/// What `/proc/N/stat` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Parent.
    pub parent: u32,
    /// Session.
    pub session: u32,
    /// Whether it is dead and waits to be asked for.
    pub zombie: bool,
    /// Begin, in clock ticks since the machine started.
    pub starttime: u64,
}

impl Machine {
    /// The machine whose `/proc` is given.
    pub fn new(proc: &Path) -> Self {
        Self {
            proc: proc.to_owned(),
        }
    }

    /// Which start of the machine this is.
    pub fn boot_id(&self) -> String {
        let path = self.proc.join("sys/kernel/random/boot_id");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.trim().to_owned()
    }

    /// A process's facts.
    pub fn stat(&self, pid: u32) -> Option<Stat> {
        let text = std::fs::read_to_string(self.proc.join(format!("{pid}/stat"))).ok()?;
        parse(&text)
    }

    /// Whether that very process lives.
    pub fn lives(&self, process: &Process) -> bool {
        process.boot_id == self.boot_id()
            && self
                .stat(process.pid)
                .is_some_and(|s| s.starttime == process.starttime && !s.zombie)
    }

    /// All processes.
    pub fn all(&self) -> Vec<(u32, Stat)> {
        let Ok(entries) = std::fs::read_dir(&self.proc) else {
            return Vec::new();
        };
        let number = |e: std::fs::DirEntry| e.file_name().to_str()?.parse().ok();
        let pids = entries.flatten().filter_map(number);
        pids.filter_map(|pid| Some((pid, self.stat(pid)?)))
            .collect()
    }

    /// Whether a process carries `marker` (`NAME=value`) in its environment.
    pub fn carries(&self, pid: u32, marker: &str) -> bool {
        let found = std::fs::read(self.proc.join(format!("{pid}/environ"))).unwrap_or_default();
        found.split(|b| *b == 0).any(|v| v == marker.as_bytes())
    }

    /// How often the kernel killed something for want of memory since the machine started.
    pub fn oom_kills(&self) -> u64 {
        let text = std::fs::read_to_string(self.proc.join("vmstat")).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("oom_kill "));
        line.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
    }

    /// GPUs of the machine's driver: name and UUID.
    pub fn gpus(&self) -> Vec<(String, String)> {
        let Ok(entries) = std::fs::read_dir(self.proc.join("driver/nvidia/gpus")) else {
            return Vec::new();
        };
        let mut folders: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        folders.sort();
        let field = |text: &str, name: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(name));
            line.unwrap_or_default()
                .trim_start_matches(':')
                .trim()
                .to_owned()
        };
        let read = |path: PathBuf| {
            let text = std::fs::read_to_string(path.join("information")).ok()?;
            Some((field(&text, "Model"), field(&text, "GPU UUID")))
        };
        folders.into_iter().filter_map(read).collect()
    }
}

/// The name in parentheses may hold anything, parentheses included, so facts are counted from the
/// last one.
fn parse(text: &str) -> Option<Stat> {
    let rest = &text[text.rfind(')')? + 1..];
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Stat {
        zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        starttime: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_fools_nobody() {
        let line = "42 (x) Z 1 1) S 7 8 9 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1";
        let expected = Stat {
            parent: 7,
            session: 9,
            zombie: false,
            starttime: 12345,
        };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("42 (x"), None);
        assert_eq!(parse("42 (x) S 1"), None);
    }

    #[test]
    fn a_number_alone_is_not_the_process() {
        let machine = Machine::new(Path::new("/proc"));
        let pid = std::process::id();
        let own = Process {
            pid,
            starttime: machine.stat(pid).unwrap().starttime,
            boot_id: machine.boot_id(),
            cgroup: None,
        };
        assert!(machine.lives(&own));
        assert!(!machine.lives(&Process {
            starttime: own.starttime + 1,
            ..own.clone()
        }));
        assert!(!machine.lives(&Process {
            boot_id: "other".to_owned(),
            ..own.clone()
        }));
        assert!(machine.all().iter().any(|(p, _)| *p == pid));
    }
}
