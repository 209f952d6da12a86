//! Ending one tmux session out of several whose names begin alike.

use crate::trees::environment;
use argus_watchdog::act::tmux::kill_session;
use argus_watchdog::collect::{find_program, tmux_sessions};
use argus_watchdog::plan::Deed;
use argus_watchdog::problem::Outcome;
use argus_watchdog::snapshot::Session;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Server {
    program: PathBuf,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(names: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("folder");
        let program = find_program(&environment(folder.path()))?;
        let server = Self {
            program,
            socket: folder.path().join("s"),
            _folder: folder,
        };
        for name in names {
            server.run(&[
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-s",
                name,
                "sleep 600",
            ]);
        }
        Some(server)
    }

    fn run(&self, arguments: &[&str]) {
        let status = Command::new(&self.program)
            .arg("-S")
            .arg(&self.socket)
            .args(arguments)
            .env_remove("TMUX")
            .status();
        assert!(status.expect("tmux").success(), "{arguments:?}");
    }

    fn sessions(&self) -> Vec<Session> {
        tmux_sessions(&self.program, &self.socket).unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        self.sessions().into_iter().map(|s| s.name).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new(&self.program)
            .arg("-S")
            .arg(&self.socket)
            .arg("kill-server")
            .output();
    }
}

fn order(session: &Session) -> Deed {
    Deed::KillTmux {
        socket: session.socket.clone(),
        server_pid: session.server_pid,
        id: session.id.clone(),
        name: session.name.clone(),
        created: session.created,
    }
}

#[test]
fn a_name_that_begins_another_ends_only_its_own() {
    let Some(server) = Server::start(&["agents", "agents-main", "agents-main-2"]) else {
        eprintln!("skipped: tmux is not installed");
        return;
    };
    let sessions = server.sessions();
    let short = sessions
        .iter()
        .find(|s| s.name == "agents")
        .expect("session");
    assert!(short.panes.len() == 1 && short.server_pid > 1);
    assert_eq!(
        kill_session(&server.program, &order(short)).outcome,
        Outcome::Success
    );
    assert_eq!(server.names(), ["agents-main", "agents-main-2"]);
    // The name alone would now match another session; the order names one that is gone.
    assert_eq!(
        kill_session(&server.program, &order(short)).outcome,
        Outcome::Skipped
    );
    assert_eq!(server.names(), ["agents-main", "agents-main-2"]);
}

#[test]
fn a_session_that_took_over_the_name_lives() {
    let Some(server) = Server::start(&["work", "other"]) else {
        return;
    };
    let old = server
        .sessions()
        .into_iter()
        .find(|s| s.name == "work")
        .expect("session");
    server.run(&["kill-session", "-t", &old.id]);
    server.run(&[
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-s",
        "work",
        "sleep 600",
    ]);
    assert_eq!(
        kill_session(&server.program, &order(&old)).outcome,
        Outcome::Skipped
    );
    assert!(server.names().contains(&"work".to_owned()));
}

#[test]
fn a_dead_server_holds_nobody() {
    let Some(program) = find_program(&environment(Path::new("/tmp"))) else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    assert!(tmux_sessions(&program, &folder.path().join("none")).is_err());
}
