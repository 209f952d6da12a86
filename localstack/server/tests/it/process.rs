//! A server process and a plain HTTP client.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running server.
pub struct Server {
    /// `host:port`.
    pub host: String,
    child: Child,
}

/// The program under test with its arguments, environment cleaned of settings.
pub fn command(data: &Path, port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argus-local"));
    command.args(["--port", port, "--data"]).arg(data);
    command
        .env("ARGUS_LOG_LEVEL", "info")
        .env_remove("ARGUS_JWT_SECRET");
    command
}

impl Server {
    /// Starts on a free port and waits for the ready line.
    pub fn start(data: &Path) -> Self {
        let mut command = command(data, "0");
        command.stderr(Stdio::null());
        Self::run(command)
    }

    /// Runs `command` and waits for the ready line.
    pub fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let host = line.trim().strip_prefix("argus-local listening on http://");
        let host = host
            .unwrap_or_else(|| panic!("no ready line: {line:?}"))
            .to_owned();
        Self { host, child }
    }

    /// What it writes to standard error, when that was piped.
    pub fn errors(&mut self) -> ChildStderr {
        self.child.stderr.take().expect("piped")
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// SIGTERM, and waits.
    pub fn terminate(mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signalled");
        self.child.wait().expect("ended")
    }

    /// A new account; returns (session, reporter token).
    pub fn account(&self, name: &str) -> (String, String) {
        let account = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct-horse-7"});
        assert_eq!(
            post(&self.host, "/api/auth/register", "", &account)
                .expect("answer")
                .0,
            201
        );
        let login = json!({"username_or_email": name, "password": "correct-horse-7"});
        let (_, login) = post(&self.host, "/api/auth/login", "", &login).expect("answer");
        let session = login["access_token"].as_str().expect("session").to_owned();
        let wish = json!({"name": "t", "scope": "reporter"});
        let (_, token) = post(&self.host, "/api/tokens", &session, &wish).expect("answer");
        (session, token["token"].as_str().expect("token").to_owned())
    }
}

/// One POST on its own connection; `None` when the server went away before the answer was whole.
pub fn post(host: &str, path: &str, bearer: &str, body: &Value) -> Option<(u16, Value)> {
    request(host, "POST", path, bearer, &body.to_string())
}

/// One GET on its own connection.
pub fn get(host: &str, path: &str, bearer: &str) -> (u16, Value) {
    request(host, "GET", path, bearer, "").expect("an answer")
}

/// Opens a request and hands out the connection.
pub fn open(host: &str, method: &str, path: &str, bearer: &str, body: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(host).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .ok()?;
    let auth = match bearer {
        "" => String::new(),
        bearer => format!("Authorization: Bearer {bearer}\r\n"),
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    Some(stream)
}

fn request(host: &str, method: &str, path: &str, bearer: &str, body: &str) -> Option<(u16, Value)> {
    let mut answer = Vec::new();
    open(host, method, path, bearer, body)?
        .read_to_end(&mut answer)
        .ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|l| {
        l.to_ascii_lowercase()
            .strip_prefix("content-length:")?
            .trim()
            .parse::<usize>()
            .ok()
    })?;
    // A cut answer is no answer.
    (body.len() == length).then(|| (status, serde_json::from_str(body).unwrap_or(Value::Null)))
}
