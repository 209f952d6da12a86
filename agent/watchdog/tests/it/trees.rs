//! Settings, programs and files for tests.

use argus_watchdog::settings::{Environment, Settings};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Settings with a state folder of their own and nothing outside it.
pub(crate) fn settings(state: &Path, more: &str) -> Settings {
    let text = format!(
        "state_dir = {state:?}\ndry_run = false\nhost = \"testhost\"\n{more}\n\
         [files]\nmemory_dir = {:?}\n",
        state.join("notes"),
    );
    Settings::from_text(&text, &environment(state)).expect("settings")
}

/// An environment that leads nowhere else.
pub(crate) fn environment(home: &Path) -> Environment {
    let home = home.to_str().expect("text");
    Environment::of([
        ("HOME", home),
        ("PATH", "/usr/bin:/bin"),
        ("TMUX_TMPDIR", home),
    ])
}

/// A program of this name that does nothing for a long time.
pub(crate) fn program(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    if !file.exists() {
        fs::copy("/bin/sleep", &file).expect("copy");
    }
    file
}

/// A running program; ended when dropped.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(program: &Path, seconds: &str) -> Self {
        Self(Command::new(program).arg(seconds).spawn().expect("start"))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("wait").is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until `ready`, at most ten seconds.
pub(crate) fn wait_for(what: &str, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !ready() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A host on which all is well.
pub(crate) fn snapshot() -> argus_watchdog::snapshot::Snapshot {
    use argus_watchdog::snapshot::{Counts, Disk, Snapshot};
    use argus_watchdog::time::Stamp;
    Snapshot {
        at: Stamp::now(),
        clock: probe::Clock::now(),
        host: "testhost".into(),
        boot_id: probe::Probe::live().boot_id().expect("boot id"),
        uid: rustix::process::geteuid().as_raw(),
        cores: 4,
        cpu_pct: Some(10.0),
        load: probe::Load::default(),
        pressures: probe::Pressures::default(),
        memory: probe::Memory {
            total_bytes: 1000,
            available_bytes: 900,
            ..probe::Memory::default()
        },
        vm: probe::VmEvents::default(),
        cgroup: None,
        disks: vec![Disk {
            handle: "d1".into(),
            mount: "/".into(),
            fs: "ext4".into(),
            usage: usage(10),
        }],
        gpus: Vec::new(),
        services: Vec::new(),
        processes: Vec::new(),
        counts: Counts::default(),
        sessions: Vec::new(),
        runs: Vec::new(),
        notes: Vec::new(),
        blind: Vec::new(),
        clock_jump_s: 0.0,
        oom_kills: 0,
    }
}

/// A file system of which so many percent are used.
pub(crate) fn usage(pct: u64) -> probe::FsUsage {
    probe::FsUsage {
        total_bytes: 100,
        used_bytes: pct,
        available_bytes: 100 - pct,
        inodes: 0,
        inodes_free: 0,
    }
}

/// A process that runs `exe`.
pub(crate) fn candidate(handle: &str, pid: u32, exe: &str) -> argus_watchdog::snapshot::Candidate {
    argus_watchdog::snapshot::Candidate {
        handle: handle.into(),
        identity: Some(probe::Identity {
            pid,
            start_ticks: 5,
            uid: rustix::process::geteuid().as_raw(),
            exe: exe.into(),
            exe_file: Some((1, 2)),
            cgroup: "/user.slice".into(),
        }),
        pid,
        ppid: 1,
        name: "x".into(),
        argv: vec![exe.into(), "--test".into()],
        state: 'S',
        rss_bytes: 500,
        age_s: 100_000,
        run: None,
        own: false,
        orphaned: true,
    }
}
