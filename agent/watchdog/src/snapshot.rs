//! One look at the host: typed, complete, and good for being written to a file and replayed.
//!
//! Whatever can be acted on carries a handle (`p3`, `t1`, `s2`) that means something in this very
//! snapshot only. Rules and models name handles; what a handle stands for is looked up here.

use crate::time::Stamp;
use probe::{Cgroup, Clock, FsUsage, Gpu, Identity, Load, Memory, Pressures, VmEvents};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// One look at the host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// When.
    pub at: Stamp,
    /// Both clocks at that moment.
    pub clock: Clock,
    /// Name of the host in records.
    pub host: String,
    /// Changes at every boot.
    pub boot_id: String,
    /// User this watchdog runs as.
    pub uid: u32,
    /// Processors.
    pub cores: usize,
    /// Share of time processors ran since the last look, in percent.
    pub cpu_pct: Option<f64>,
    /// Load averages.
    pub load: Load,
    /// Pressure.
    pub pressures: Pressures,
    /// Memory and swap.
    pub memory: Memory,
    /// Counters of the memory management.
    pub vm: VmEvents,
    /// This watchdog's own control group, where it is limited.
    pub cgroup: Option<Cgroup>,
    /// File systems.
    pub disks: Vec<Disk>,
    /// GPUs.
    pub gpus: Vec<Gpu>,
    /// Units and checks.
    pub services: Vec<Service>,
    /// Processes worth a look: the largest, and all that may be ended.
    pub processes: Vec<Candidate>,
    /// How many processes there are.
    pub counts: Counts,
    /// tmux sessions.
    pub sessions: Vec<Session>,
    /// Runs at work on this host.
    pub runs: Vec<Run>,
    /// Newest notes in the memory folder, time and path.
    pub notes: Vec<String>,
    /// What could not be looked at, and why. Rules about it keep their opinion meanwhile.
    pub blind: Vec<Blind>,
    /// Seconds the wall clock was set since the last look; 0 across a boot.
    pub clock_jump_s: f64,
    /// OOM kills since the last look, by the host's or the group's counter.
    pub oom_kills: u64,
}

/// A file system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disk {
    /// Handle, `d1`.
    pub handle: String,
    /// Where it is mounted.
    pub mount: PathBuf,
    /// Its kind.
    pub fs: String,
    /// How full it is.
    pub usage: FsUsage,
}

/// A unit, or something checked over the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    /// Handle, `s1`.
    pub handle: String,
    /// Name in records.
    pub name: String,
    /// Unit to restart.
    pub unit: Option<String>,
    /// Whether it is well.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
}

/// A process worth a look.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Handle, `p1`.
    pub handle: String,
    /// Everything that must be the same before it is signalled; `None`: never signalled.
    pub identity: Option<Identity>,
    /// Process id.
    pub pid: u32,
    /// Parent's id.
    pub ppid: u32,
    /// What it calls itself.
    pub name: String,
    /// Its arguments.
    pub argv: Vec<String>,
    /// State letter.
    pub state: char,
    /// Memory in RAM, in bytes.
    pub rss_bytes: u64,
    /// Seconds it lives.
    pub age_s: u64,
    /// Run it belongs to.
    pub run: Option<String>,
    /// Whether it is this watchdog or one of its ancestors.
    pub own: bool,
    /// Whether its parent is gone, so that nobody waits for it.
    pub orphaned: bool,
}

impl Candidate {
    /// Name of its program's file.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        self.identity.as_ref()?.exe.file_name()?.to_str()
    }

    /// Whether it is a test run of node: the program is node, and `--test` is an argument, not a
    /// part of one.
    #[must_use]
    pub fn is_node_test(&self) -> bool {
        self.program() == Some("node") && self.argv.iter().skip(1).any(|a| a == "--test")
    }
}

/// How many processes there are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All, threads of the kernel left out.
    pub total: usize,
    /// Ended, and nobody asked how.
    pub zombies: usize,
    /// Waiting for a device and deaf to signals.
    pub stuck: usize,
}

/// A tmux session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Handle, `t1`.
    pub handle: String,
    /// Socket of its server.
    pub socket: PathBuf,
    /// Process of its server.
    pub server_pid: u32,
    /// Identity within the server, `$3`.
    pub id: String,
    /// Name.
    pub name: String,
    /// When it was made, seconds since 1970.
    pub created: i64,
    /// Windows.
    pub windows: u32,
    /// First processes of its panes.
    pub panes: Vec<u32>,
    /// Runs at work in it.
    pub runs: BTreeSet<String>,
}

/// A run at work here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its batch.
    pub batch_id: String,
    /// Its processes.
    pub pids: BTreeSet<u32>,
}

/// Something that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// Collector.
    pub what: Source,
    /// Why.
    pub why: String,
}

/// A collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Processor and load.
    System,
    /// Memory.
    Memory,
    /// File systems.
    Disks,
    /// GPUs.
    Gpus,
    /// Units and checks.
    Services,
    /// Processes.
    Processes,
    /// tmux.
    Tmux,
    /// Runs.
    Runs,
}

impl Snapshot {
    /// The process a handle stands for.
    #[must_use]
    pub fn process(&self, handle: &str) -> Option<&Candidate> {
        self.processes.iter().find(|p| p.handle == handle)
    }

    /// The session a handle stands for.
    #[must_use]
    pub fn session(&self, handle: &str) -> Option<&Session> {
        self.sessions.iter().find(|t| t.handle == handle)
    }

    /// The service a handle stands for.
    #[must_use]
    pub fn service(&self, handle: &str) -> Option<&Service> {
        self.services.iter().find(|s| s.handle == handle)
    }

    /// Whether a collector failed.
    #[must_use]
    pub fn is_blind(&self, what: Source) -> bool {
        self.blind.iter().any(|b| b.what == what)
    }

    /// The process with most memory that is not this watchdog.
    #[must_use]
    pub fn hog(&self) -> Option<&Candidate> {
        self.processes
            .iter()
            .filter(|p| !p.own)
            .max_by_key(|p| p.rss_bytes)
    }
}
