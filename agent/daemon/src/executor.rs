//! The only place that makes processes and sends signals.

use crate::cgroup::{self, Cgroups};
use crate::event::Ended;
use crate::examine::Prepared;
use crate::gate::{self, Word};
use crate::machine::{Machine, Process};
use crate::settings::{file_stem, folder_mark};
use crate::{clock, logs};
use client::{ExitReason, Refusal};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, kill_process_group, pidfd_open, pidfd_send_signal,
};
use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

/// Marks everything a run starts.
pub const MARKER: &str = "ARGUS_AGENT_RUN";

/// A process of ours. Its environment holds a token, so nothing here can be shown.
struct Held {
    process: Process,
    pidfd: OwnedFd,
    /// Our own child, or one of an earlier daemon.
    child: bool,
    gate: Option<(ChildStdin, Word)>,
    /// Somebody asked it to end.
    asked: bool,
    oom_before: u64,
}

/// All processes of ours, by command.
pub struct Executor {
    held: BTreeMap<String, Held>,
    machine: Machine,
    cgroups: Option<Cgroups>,
    /// Begin of the marks of this agent's runs: commands of another may have the same ids.
    mark: String,
}

impl Executor {
    /// An executor without processes. Orphans of runs become our children, so that none is lost
    /// from sight.
    pub fn new(machine: Machine, proc: &Path, home: &Path) -> Self {
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        Self {
            held: BTreeMap::new(),
            cgroups: Cgroups::find(proc),
            mark: folder_mark(home),
            machine,
        }
    }

    fn mark(&self, cmd: &str) -> String {
        format!("{}-{}", self.mark, file_stem(cmd))
    }

    /// Whether runs get cgroups of their own.
    pub fn has_cgroups(&self) -> bool {
        self.cgroups.is_some()
    }

    /// Makes a process that waits at its gate, in its own session, folder and cgroup, with its log
    /// as output.
    ///
    /// # Errors
    /// When the host cannot make one.
    pub fn spawn(
        &mut self,
        cmd: &str,
        prepared: Prepared,
        log: &Path,
    ) -> Result<(Process, String), (Refusal, String)> {
        let other = |what: &str, e: std::io::Error| (Refusal::Other, format!("{what}: {e}"));
        let out = logs::create(log).map_err(|e| other("the log", e))?;
        let errors = out.try_clone().map_err(|e| other("the log", e))?;
        let mut child = Command::new("/proc/self/exe")
            .arg(gate::COMMAND)
            .env_clear()
            // Seen in /proc from the start, so that a gate can be told from other processes.
            .env(MARKER, self.mark(cmd))
            .current_dir(format!("/proc/self/fd/{}", prepared.cwd.as_raw_fd()))
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(errors)
            .spawn()
            .map_err(|e| match e.raw_os_error() {
                Some(code) if code == rustix::io::Errno::ACCESS.raw_os_error() => (
                    Refusal::Cwd,
                    format!("{}: {e}", prepared.cwd_path.display()),
                ),
                _ => other("a process", e),
            })?;
        let pid = child.id();
        let facts = pid_of(pid)
            .and_then(|p| pidfd_open(p, PidfdFlags::empty()).ok())
            .zip(self.machine.stat(pid))
            .zip(child.stdin.take());
        let Some(((pidfd, stat), pipe)) = facts else {
            let _ = child.kill();
            let _ = child.wait();
            return Err((
                Refusal::Other,
                "the process could not be watched".to_owned(),
            ));
        };
        let mark = self.mark(cmd);
        let cgroup = self.cgroups.as_ref().and_then(|c| c.hold(&mark, pid));
        let process = Process {
            pid,
            starttime: stat.starttime,
            boot_id: self.machine.boot_id(),
            cgroup,
        };
        let mut env = prepared.env;
        env.insert(MARKER.to_owned(), mark);
        env.insert("PWD".to_owned(), prepared.cwd_path.display().to_string());
        let word = Word {
            program: prepared.program,
            argv: prepared.argv,
            env,
        };
        let held = Held {
            process: process.clone(),
            pidfd,
            child: true,
            gate: Some((pipe, word)),
            asked: false,
            oom_before: self.machine.oom_kills(),
        };
        self.held.insert(cmd.to_owned(), held);
        Ok((process, clock::rfc3339_now()))
    }

    /// Takes over a process of an earlier daemon. Tells whether it is there.
    pub fn adopt(&mut self, cmd: &str, process: &Process) -> bool {
        let opened = pid_of(process.pid).and_then(|p| pidfd_open(p, PidfdFlags::empty()).ok());
        // Looked at after opening: from here on the number cannot come to mean another.
        let Some(pidfd) = opened.filter(|_| self.machine.lives(process)) else {
            return false;
        };
        let held = Held {
            process: process.clone(),
            pidfd,
            child: false,
            gate: None,
            asked: false,
            oom_before: self.machine.oom_kills(),
        };
        self.held.insert(cmd.to_owned(), held);
        true
    }

    /// Opens a gate; `more` is what only the server could add to the environment.
    ///
    /// # Errors
    /// When nobody waits there.
    pub fn release(&mut self, cmd: &str, more: Vec<(String, String)>) -> std::io::Result<()> {
        let gate = self.held.get_mut(cmd).and_then(|held| held.gate.take());
        let (pipe, mut word) = gate.ok_or(std::io::ErrorKind::NotFound)?;
        word.env.extend(more);
        word.send(pipe)
    }

    /// Makes sure a gate never opens.
    pub fn drop_gate(&mut self, cmd: &str) {
        if let Some(held) = self.held.get_mut(cmd) {
            held.gate = None;
            let _ = pidfd_send_signal(&held.pidfd, Signal::KILL);
        }
    }

    /// Asks a run to end: its whole group.
    pub fn terminate(&mut self, cmd: &str) {
        if let Some(held) = self.held.get_mut(cmd) {
            held.asked = true;
        }
        if let Some(held) = self.held.get(cmd) {
            self.signal(held, Signal::TERM);
        }
    }

    /// Ends a run and everything it started.
    pub fn kill(&self, cmd: &str) {
        if let Some(held) = self.held.get(cmd) {
            self.signal(held, Signal::KILL);
        }
        self.sweep(cmd);
    }

    fn signal(&self, held: &Held, signal: Signal) {
        // The leader is held by its pidfd, and while it is not waited for its number is not given
        // to another, so the group is the right one.
        let lives = self.machine.lives(&held.process);
        if let Some(pid) = pid_of(held.process.pid).filter(|_| lives) {
            let _ = kill_process_group(pid, signal);
        }
        let _ = pidfd_send_signal(&held.pidfd, signal);
    }

    /// Ends whatever a run left behind: by its cgroup, or else by session, descent and marker.
    fn sweep(&self, cmd: &str) {
        let Some(held) = self.held.get(cmd) else {
            return;
        };
        if held.process.cgroup.as_deref().is_some_and(cgroup::kill) {
            return;
        }
        let marker = format!("{MARKER}={}", self.mark(cmd));
        let own = std::process::id();
        for (pid, stat) in self.machine.all() {
            let ours = stat.session == held.process.pid || self.machine.carries(pid, &marker);
            let fd = pid_of(pid).filter(|_| ours && pid != own && !stat.zombie);
            let Some(fd) = fd.and_then(|p| pidfd_open(p, PidfdFlags::empty()).ok()) else {
                continue;
            };
            if self
                .machine
                .stat(pid)
                .is_some_and(|s| s.starttime == stat.starttime)
            {
                let _ = pidfd_send_signal(&fd, Signal::KILL);
            }
        }
    }

    /// What to wait on for ends of adopted runs; our own children announce themselves.
    pub fn adopted(&self) -> impl Iterator<Item = (&str, BorrowedFd<'_>)> {
        let held = self.held.iter().filter(|(_, held)| !held.child);
        held.map(|(cmd, held)| (cmd.as_str(), held.pidfd.as_fd()))
    }

    /// Runs that are over, our own and adopted ones. With `orphans`, whatever else asks for it is
    /// reaped as well.
    pub fn reap(&mut self, orphans: bool) -> Vec<(String, Ended)> {
        let mut ends = Vec::new();
        for (cmd, held) in self.held.iter().filter(|(_, held)| held.child) {
            let pid = pid_of(held.process.pid);
            if let Ok(Some((_, status))) = rustix::process::waitpid(pid, WaitOptions::NOHANG) {
                ends.push((
                    cmd.clone(),
                    status.exit_status(),
                    status.terminating_signal(),
                ));
            }
        }
        if orphans {
            self.reap_orphans();
        }
        let gone: Vec<String> = self
            .held
            .iter()
            .filter(|(_, h)| !h.child && !self.machine.lives(&h.process))
            .map(|(cmd, _)| cmd.clone())
            .collect();
        ends.extend(gone.into_iter().map(|cmd| (cmd, None, None)));
        ends.into_iter()
            .map(|(cmd, code, signal)| {
                let reason = self.reason(&cmd, code, signal);
                // What a run leaves behind when it ends by itself is its own affair; when it was
                // told to end or fell over, nobody is left to look after it.
                let told = self.held.get(&cmd).is_some_and(|held| held.asked);
                if told || signal.is_some() {
                    self.sweep(&cmd);
                }
                if let Some(group) = self.held.remove(&cmd).and_then(|h| h.process.cgroup) {
                    cgroup::remove(&group);
                }
                let at = clock::rfc3339_now();
                (
                    cmd,
                    Ended {
                        code,
                        signal,
                        reason,
                        at,
                    },
                )
            })
            .collect()
    }

    /// Orphans of runs: descendants nobody else waits for. They have sessions of their runs;
    /// children in our own session are waited for by whoever made them.
    fn reap_orphans(&self) {
        let own = std::process::id();
        let session = self.machine.stat(own).map(|s| s.session);
        let held = |pid: u32| self.held.values().any(|h| h.process.pid == pid);
        for (pid, stat) in self.machine.all() {
            if stat.zombie && stat.parent == own && Some(stat.session) != session && !held(pid) {
                let _ = rustix::process::waitpid(pid_of(pid), WaitOptions::NOHANG);
            }
        }
    }

    fn reason(&self, cmd: &str, code: Option<i32>, signal: Option<i32>) -> ExitReason {
        let Some(held) = self.held.get(cmd) else {
            return ExitReason::Unknown;
        };
        let group = held.process.cgroup.as_deref().map_or(0, cgroup::oom_kills);
        let machine = self.machine.oom_kills() > held.oom_before;
        match (code, signal) {
            _ if group > 0 => ExitReason::Oom,
            (_, Some(9)) if machine => ExitReason::Oom,
            (_, Some(_)) => ExitReason::Signaled,
            (Some(_), None) => ExitReason::Exited,
            (None, None) => ExitReason::Unknown,
        }
    }
}

fn pid_of(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}
