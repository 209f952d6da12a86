//! A cgroup per run, where the host lets us: whatever a run starts stays in it, whoever it claims
//! as its parent, and dies with one write.

use std::path::{Path, PathBuf};

/// Where runs of this agent may get cgroups of their own.
#[derive(Clone, Debug)]
pub struct Cgroups {
    base: PathBuf,
}

impl Cgroups {
    /// Looks for our own cgroup (version 2), and whether we may divide it.
    pub fn find(proc: &Path) -> Option<Self> {
        let mounts = std::fs::read_to_string(proc.join("self/mountinfo")).ok()?;
        let mount = mounts.lines().find_map(|line| {
            let (before, after) = line.split_once(" - ")?;
            let point = before.split(' ').nth(4)?;
            after.starts_with("cgroup2 ").then(|| PathBuf::from(point))
        })?;
        let own = std::fs::read_to_string(proc.join("self/cgroup")).ok()?;
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        // Restarted inside a run's or a sub-group of our own, go on beside it, not below.
        let own = own.split("/argus-run-").next().unwrap_or(own);
        let base = mount.join(own);
        for left in std::fs::read_dir(&base).into_iter().flatten().flatten() {
            // Groups of runs that are over; one that still holds something stays by itself.
            if left.file_name().to_string_lossy().starts_with("argus-run-") {
                let _ = std::fs::remove_dir(left.path());
            }
        }
        let trial = base.join(format!("argus-run-trial-{}", std::process::id()));
        std::fs::create_dir(&trial).ok()?;
        let kills = trial.join("cgroup.kill").exists();
        let _ = std::fs::remove_dir(&trial);
        // Counts kills for want of memory, where the controller may be handed down.
        let _ = std::fs::write(base.join("cgroup.subtree_control"), "+memory");
        kills.then_some(Self { base })
    }

    /// A new group that holds `pid`.
    pub fn hold(&self, name: &str, pid: u32) -> Option<PathBuf> {
        let path = self.base.join(format!("argus-run-{name}"));
        match std::fs::create_dir(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(_) => return None,
        }
        match std::fs::write(path.join("cgroup.procs"), pid.to_string()) {
            Ok(()) => Some(path),
            Err(_) => {
                let _ = std::fs::remove_dir(&path);
                None
            }
        }
    }
}

/// Ends everything in a group. Tells whether the kernel did it.
pub fn kill(path: &Path) -> bool {
    std::fs::write(path.join("cgroup.kill"), "1").is_ok()
}

/// How often the kernel killed something in a group for want of memory.
pub fn oom_kills(path: &Path) -> u64 {
    let text = std::fs::read_to_string(path.join("memory.events")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("oom_kill "));
    line.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
}

/// Gives a group back once it is empty.
pub fn remove(path: &Path) {
    let _ = std::fs::remove_dir(path);
}
