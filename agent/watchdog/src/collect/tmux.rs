//! tmux sessions. A server is only asked when its socket accepts a connection, so a host without
//! tmux starts no process.

use crate::exec;
use crate::settings::{Environment, Settings};
use crate::snapshot::{Blind, Session, Source};
use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for a server.
const LIMIT: Duration = Duration::from_secs(5);
/// Most sessions that are looked at.
const MOST: usize = 100;

/// Where tmux is; `None` when it is not installed.
#[must_use]
pub fn find_program(environment: &Environment) -> Option<PathBuf> {
    exec::find("tmux", environment.get("PATH").unwrap_or("/usr/bin:/bin"))
}

pub(super) fn look(
    program: Option<&Path>,
    settings: &Settings,
    blind: &mut Vec<Blind>,
) -> Vec<Session> {
    let Some(program) = program else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for socket in &settings.tmux.sockets {
        if UnixStream::connect(socket).is_err() {
            continue;
        }
        match list(program, socket) {
            Ok(sessions) => found.extend(sessions),
            Err(why) => blind.push(Blind {
                what: Source::Tmux,
                why,
            }),
        }
    }
    found.truncate(MOST);
    for (number, session) in found.iter_mut().enumerate() {
        session.handle = format!("t{}", number + 1);
    }
    found
}

/// Sessions of one server, panes included, in one call. Handles are empty.
pub fn list(program: &Path, socket: &Path) -> Result<Vec<Session>, String> {
    let socket_text = socket.to_str().ok_or("the socket's path is no text")?;
    // The name comes last: it is the only field that people choose.
    let sessions = "S #{session_id} #{session_created} #{session_windows} #{pid} #{session_name}";
    let arguments = [
        "-S",
        socket_text,
        "list-sessions",
        "-F",
        sessions,
        ";",
        "list-panes",
        "-a",
        "-F",
        "P #{session_id} #{pane_pid}",
    ];
    let text = exec::output(program, &arguments, None, LIMIT).map_err(|e| e.to_string())?;
    let mut found: Vec<Session> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("S ") {
            found.extend(session(rest, socket));
        } else if let Some((id, pid)) = line.strip_prefix("P ").and_then(|r| r.split_once(' '))
            && let Some(session) = found.iter_mut().find(|s| s.id == id)
            && let Ok(pid) = pid.parse()
        {
            session.panes.push(pid);
        }
    }
    Ok(found)
}

fn session(rest: &str, socket: &Path) -> Option<Session> {
    let mut fields = rest.splitn(5, ' ');
    let id = fields.next().filter(|id| is_id(id))?;
    Some(Session {
        handle: String::new(),
        socket: socket.to_owned(),
        id: id.to_owned(),
        created: fields.next()?.parse().ok()?,
        windows: fields.next()?.parse().ok()?,
        server_pid: fields.next()?.parse().ok()?,
        name: crate::text::clean(fields.next()?, 100),
        panes: Vec::new(),
        runs: BTreeSet::new(),
    })
}

fn is_id(text: &str) -> bool {
    text.strip_prefix('$')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
