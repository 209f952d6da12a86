//! A real server process with an account.

use crate::Outcome;
use crate::client::Client;
use serde_json::json;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running server; ends and vanishes when dropped.
pub struct Server {
    /// `host:port`.
    pub host: String,
    /// A session.
    pub session: String,
    /// A reporter token.
    pub token: String,
    /// From spawn to the ready line.
    pub ready: Duration,
    child: Child,
    _data: TempDir,
}

impl Server {
    /// Starts `binary` on a fresh data directory and a free port.
    pub async fn start(binary: &Path) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        let begun = Instant::now();
        let mut child = Command::new(binary)
            .args(["--port", "0", "--data"])
            .arg(data.path().join("data"))
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
        let host = line
            .rsplit("http://")
            .next()
            .ok_or("no address")?
            .to_owned();
        let mut client = Client::connect(&host, "").await?;
        let account =
            json!({"username": "bench", "email": "bench@example.com", "password": "bench-pass-1"});
        client.post("/api/auth/register", &account).await?;
        let login = json!({"username_or_email": "bench", "password": "bench-pass-1"});
        let login = client.post("/api/auth/login", &login).await?;
        let session = login["access_token"]
            .as_str()
            .ok_or("no session")?
            .to_owned();
        let mut client = Client::connect(&host, &session).await?;
        let token = client
            .post(
                "/api/tokens",
                &json!({"name": "bench", "scope": "reporter"}),
            )
            .await?;
        let token = token["token"].as_str().ok_or("no token")?.to_owned();
        Ok(Self {
            host,
            session,
            token,
            ready,
            child,
            _data: data,
        })
    }

    /// Resident memory in MB.
    pub fn rss_mb(&self) -> f64 {
        rss_mb(&self.child)
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
