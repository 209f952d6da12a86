//! A host with one agent: its folders, its scripts, its process.

use crate::server::{PERSON, Server};
use serde_json::{Value, json};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const BINARY: &str = env!("CARGO_BIN_EXE_argus-agent");

/// A host.
pub struct Host {
    pub folder: tempfile::TempDir,
    pub url: String,
    pub state: PathBuf,
    /// More variables for the agent.
    pub env: Vec<(String, String)>,
    daemon: Option<Child>,
}

impl Host {
    /// A host that is registered and has a project folder.
    pub fn new(server: &Server) -> Self {
        let host = Self::unregistered(server);
        let out = host.run(&["login", "--hostname", "gpu-1"]);
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        host
    }

    pub fn unregistered(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        Self {
            state: folder.path().join("state"),
            url: server.url.clone(),
            folder,
            env: Vec::new(),
            daemon: None,
        }
    }

    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project").canonicalize().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("ARGUS_AGENT_HOME", &self.state)
            .env(
                "ARGUS_AGENT_SYSTEM_POLICY",
                self.folder.path().join("none.toml"),
            )
            .env("ARGUS_URL", &self.url)
            .env("ARGUS_TOKEN", PERSON)
            .env("AWS_SECRET_ACCESS_KEY", "the host's own")
            .envs(self.env.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// One command to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The daemon, with a fault point or none.
    pub fn start(&mut self, fault: &str) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("daemon.log"))
            .unwrap();
        let mut command = self.command(&[]);
        command.stdout(Stdio::null()).stderr(log);
        if !fault.is_empty() {
            command.env("ARGUS_AGENT_FAULT", fault);
        }
        self.daemon = Some(command.spawn().unwrap());
    }

    pub fn pid(&self) -> u32 {
        self.daemon.as_ref().unwrap().id()
    }

    /// Ends the daemon at once.
    pub fn kill(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }

    /// Waits for the daemon's own end.
    pub fn died(&mut self) -> std::process::ExitStatus {
        let end = Instant::now() + Duration::from_secs(60);
        let daemon = self.daemon.as_mut().unwrap();
        loop {
            if let Some(status) = daemon.try_wait().unwrap() {
                self.daemon = None;
                return status;
            }
            assert!(Instant::now() < end, "it lives on: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks the daemon to end, as systemd does.
    pub fn end(&mut self) -> std::process::ExitStatus {
        signal(self.pid(), "TERM");
        self.died()
    }

    pub fn log(&self) -> String {
        let mut text = String::new();
        let file = std::fs::File::open(self.folder.path().join("daemon.log"));
        let _ = file.map(|mut f| f.read_to_string(&mut text));
        text
    }

    /// Puts a program into the project folder.
    pub fn script(&self, name: &str, text: &str) {
        executable(&self.project().join(name), text);
    }

    /// A request to run a program of the project folder.
    pub fn payload(&self, argv: &[&str]) -> Value {
        json!({"source_batch_id": "source", "command": argv.join(" "), "argv": argv, "cwd": self.project(),
            "env": {"CUDA_VISIBLE_DEVICES": "0"}, "host": "gpu-1", "overrides": {}, "requested_by": "alice",
            "name": null, "git": null})
    }

    /// Lines a script left in a file of the project.
    pub fn marks(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.project().join("marks")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub fn policy(&self, text: &str) {
        std::fs::create_dir_all(&self.state).unwrap();
        let path = self.state.join("policy.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

pub fn executable(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Waits until something on the host holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process is there and no zombie.
pub fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rfind(')')
        .is_some_and(|at| !stat[at + 1..].trim_start().starts_with('Z'))
}
