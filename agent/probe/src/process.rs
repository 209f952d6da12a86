//! Processes. The listing is cheap (one small file each); everything else is asked for by name.

use crate::read::{bytes, format};
use crate::{Probe, ProbeError};
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What `/proc/<pid>/stat` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Parent's id; 0 for the first processes.
    pub ppid: u32,
    /// Process group.
    pub pgid: u32,
    /// Session.
    pub session: u32,
    /// Name as the kernel keeps it, at most 15 bytes. The process may set it: a hint, no identity.
    pub name: String,
    /// State letter: R, S, D, T, Z, …
    pub state: char,
    /// Start, in clock ticks since boot. With pid and boot id this names a process for ever.
    pub start_ticks: u64,
    /// Processor time so far, user and system, in clock ticks.
    pub cpu_ticks: u64,
    /// Memory held in RAM, in bytes.
    pub rss_bytes: u64,
    /// Whether it is a thread of the kernel.
    pub kernel: bool,
}

/// What tells one process from another that got the same number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// Start, in clock ticks since boot.
    pub start_ticks: u64,
    /// Real user.
    pub uid: u32,
    /// Path of the program, as the kernel resolves it. A removed file ends in ` (deleted)`.
    pub exe: PathBuf,
    /// Device and inode of the program's file; `None` when it may not be looked at.
    pub exe_file: Option<(u64, u64)>,
    /// Control group of the unified hierarchy, such as `/system.slice/ssh.service`.
    pub cgroup: String,
}

impl Probe {
    /// All processes, ordered by id. One that ends while listing is left out.
    pub fn processes(&self) -> Result<Vec<Process>, ProbeError> {
        let folder = self.path("proc");
        let entries = fs::read_dir(&folder).map_err(|cause| ProbeError::Read {
            path: folder.clone(),
            cause,
        })?;
        let page = rustix::param::page_size() as u64;
        let mut found = Vec::with_capacity(256);
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
                continue;
            };
            if let Ok(text) = bytes(&folder.join(entry.file_name()).join("stat"))
                && let Some(process) = parse_stat(pid, &text, page)
            {
                found.push(process);
            }
        }
        found.sort_unstable_by_key(|process: &Process| process.pid);
        Ok(found)
    }

    /// One process; an error when there is none of that number.
    pub fn process(&self, pid: u32) -> Result<Process, ProbeError> {
        let inner = format!("proc/{pid}/stat");
        let path = self.path(&inner);
        let text = bytes(&path).map_err(|cause| ProbeError::Read { path, cause })?;
        parse_stat(pid, &text, rustix::param::page_size() as u64)
            .ok_or_else(|| format(self, &inner, "not the fields of a process"))
    }

    /// Path of the program a process runs; `None` for kernel threads and for processes of others.
    #[must_use]
    pub fn exe(&self, pid: u32) -> Option<PathBuf> {
        fs::read_link(self.path(format!("proc/{pid}/exe"))).ok()
    }

    /// Arguments, program name first. Empty for zombies, kernel threads and the processes of
    /// others that hide theirs. The process may change them: a hint, no identity.
    #[must_use]
    pub fn argv(&self, pid: u32) -> Vec<String> {
        split(&bytes(&self.path(format!("proc/{pid}/cmdline"))).unwrap_or_default())
    }

    /// Value of a variable in the environment a process was started with.
    #[must_use]
    pub fn variable(&self, pid: u32, name: &str) -> Option<String> {
        let all = bytes(&self.path(format!("proc/{pid}/environ"))).ok()?;
        all.split(|byte| *byte == 0).find_map(|pair| {
            let rest = pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(String::from_utf8_lossy(rest).into_owned())
        })
    }

    /// Real user of a process.
    #[must_use]
    pub fn uid(&self, pid: u32) -> Option<u32> {
        let status = bytes(&self.path(format!("proc/{pid}/status"))).ok()?;
        let status = String::from_utf8_lossy(&status);
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// Control group of a process in the unified hierarchy, or of systemd's where there is none.
    #[must_use]
    pub fn cgroup_of(&self, pid: u32) -> Option<String> {
        let text = bytes(&self.path(format!("proc/{pid}/cgroup"))).ok()?;
        let text = String::from_utf8_lossy(&text);
        let named = |wanted: &str| {
            text.lines().find_map(|line| {
                let (_, rest) = line.split_once(':')?;
                let (controllers, path) = rest.split_once(':')?;
                (controllers == wanted && path != "/").then(|| path.to_owned())
            })
        };
        named("")
            .or_else(|| named("name=systemd"))
            .or_else(|| Some("/".into()))
    }

    /// Everything that must be the same before a process is signalled; `None` when it is gone,
    /// belongs to the kernel, or may not be looked at.
    #[must_use]
    pub fn identity(&self, pid: u32) -> Option<Identity> {
        let before = self.process(pid).ok()?;
        let identity = Identity {
            pid,
            start_ticks: before.start_ticks,
            uid: self.uid(pid)?,
            exe: self.exe(pid)?,
            exe_file: file_id(&self.path(format!("proc/{pid}/exe"))),
            cgroup: self.cgroup_of(pid)?,
        };
        // The number may have changed hands between two of these reads.
        let after = self.process(pid).ok()?;
        (after.start_ticks == identity.start_ticks).then_some(identity)
    }
}

/// Clock ticks in one second.
#[must_use]
pub(crate) fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second().max(1)
}

fn file_id(path: &Path) -> Option<(u64, u64)> {
    let meta = fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino()))
}

fn split(all: &[u8]) -> Vec<String> {
    let all = all.strip_suffix(b"\0").unwrap_or(all);
    if all.is_empty() {
        return Vec::new();
    }
    all.split(|byte| *byte == 0)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect()
}

/// Flag in field 9: a thread of the kernel.
const KERNEL_THREAD: u64 = 0x0020_0000;

fn parse_stat(pid: u32, text: &[u8], page_bytes: u64) -> Option<Process> {
    // The name stands in brackets and may itself hold brackets and blanks: the last one counts.
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let name = String::from_utf8_lossy(text.get(open + 1..close)?).into_owned();
    let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let numbers: Vec<i64> = fields
        .take(22)
        .map(|f| f.parse().unwrap_or(i64::MAX))
        .collect();
    // numbers[0] is field 4 of the manual's numbering.
    let at = |field: usize| numbers.get(field - 4).copied();
    let whole = |field: usize| at(field).and_then(|n| u64::try_from(n).ok());
    let id = |field: usize| at(field).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    Some(Process {
        pid,
        ppid: id(4),
        pgid: id(5),
        session: id(6),
        name,
        state,
        start_ticks: whole(22)?,
        cpu_ticks: whole(14)?.saturating_add(whole(15)?),
        rss_bytes: whole(24).unwrap_or(0).saturating_mul(page_bytes),
        kernel: whole(9).unwrap_or(0) & KERNEL_THREAD != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_full_of_brackets_shifts_no_field() {
        let text =
            b"42 (a) R 1 (b) S 7 42 42 0 -1 4194304 1 0 0 0 11 22 0 0 20 0 1 0 987 1000 5 99";
        let found = parse_stat(42, text, 4096).expect("a process");
        assert_eq!(found.name, "a) R 1 (b");
        assert_eq!((found.state, found.ppid, found.pgid), ('S', 7, 42));
        assert_eq!((found.start_ticks, found.cpu_ticks), (987, 33));
        assert_eq!(found.rss_bytes, 5 * 4096);
    }

    #[test]
    fn this_process_is_itself() {
        let probe = Probe::live();
        let me = std::process::id();
        let identity = probe.identity(me).expect("identity");
        assert_eq!(Some(&identity.exe), std::env::current_exe().ok().as_ref());
        assert_eq!(identity.uid, rustix::process::getuid().as_raw());
        assert!(probe.processes().expect("list").iter().any(|p| p.pid == me));
        assert!(!probe.argv(me).is_empty());
    }
}
