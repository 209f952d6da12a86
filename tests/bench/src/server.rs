//! A real server process with an account.

use crate::Outcome;
use crate::client::Client;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Password of every account of the bench.
const PASSWORD: &str = "bench-pass-1";

/// A running server process; ends when dropped.
pub struct Process {
    /// `host:port`.
    pub host: String,
    /// From spawn to the ready line.
    pub ready: Duration,
    child: Child,
}

impl Process {
    /// Starts `binary` over data directory `data` on a free port.
    pub async fn start(binary: &Path, data: &Path) -> Outcome<Self> {
        let begun = Instant::now();
        let mut child = Command::new(binary)
            .args(["--port", "0", "--data"])
            .arg(data)
            .env("ARGUS_LOG_LEVEL", "error")
            .env("ARGUS_INGEST_RATE", "1000000")
            .env("ARGUS_INGEST_BURST", "1000000")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let line = BufReader::new(stdout)
            .lines()
            .next_line()
            .await?
            .ok_or("no ready line")?;
        let ready = begun.elapsed();
        let host = line.rsplit("http://").next().ok_or("no address")?;
        Ok(Self {
            host: host.to_owned(),
            ready,
            child,
        })
    }

    /// A session of the account `name`, which is made when it is missing.
    pub async fn session(&self, name: &str) -> Outcome<String> {
        let mut client = Client::connect(&self.host, "").await?;
        let login = json!({"username_or_email": name, "password": PASSWORD});
        let answer = match client.post("/api/auth/login", &login).await {
            Ok(answer) => answer,
            Err(_) => {
                let account = json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD});
                client.post("/api/auth/register", &account).await?;
                client.post("/api/auth/login", &login).await?
            }
        };
        let session = answer["access_token"].as_str().ok_or("no session")?;
        Ok(session.to_owned())
    }

    /// A reporter token of whoever has `session`.
    pub async fn token(&self, session: &str) -> Outcome<String> {
        let mut client = Client::connect(&self.host, session).await?;
        let wish = json!({"name": "bench", "scope": "reporter"});
        let token = client.post("/api/tokens", &wish).await?;
        Ok(token["token"].as_str().ok_or("no token")?.to_owned())
    }

    /// Asks it to end and waits until it did.
    pub async fn stop(mut self) -> Outcome<()> {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM)?;
        }
        self.child.wait().await?;
        Ok(())
    }

    /// Ends it as a power cut would, as far as the process is concerned.
    pub async fn kill(mut self) -> Outcome<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// Resident memory in MB.
    pub fn rss_mb(&self) -> f64 {
        rss_mb(&self.child)
    }
}

/// A server over a directory that vanishes with it.
pub struct Server {
    /// `host:port`.
    pub host: String,
    /// A session.
    pub session: String,
    /// A reporter token.
    pub token: String,
    /// From spawn to the ready line.
    pub ready: Duration,
    process: Process,
    _data: TempDir,
}

impl Server {
    /// Starts `binary` on a fresh data directory and a free port.
    pub async fn start(binary: &Path) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        let place: PathBuf = data.path().join("data");
        let process = Process::start(binary, &place).await?;
        let session = process.session("bench").await?;
        Ok(Self {
            host: process.host.clone(),
            token: process.token(&session).await?,
            session,
            ready: process.ready,
            process,
            _data: data,
        })
    }

    /// Resident memory in MB.
    pub fn rss_mb(&self) -> f64 {
        self.process.rss_mb()
    }
}

/// Resident memory of a process in MB; 0 when it is gone.
pub fn rss_mb(child: &Child) -> f64 {
    let status = child
        .id()
        .and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/status")).ok());
    let kb = status
        .as_deref()
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .trim()
                .split(' ')
                .next()?
                .parse::<f64>()
                .ok()
        });
    kb.unwrap_or(0.0) / 1024.0
}
