//! Ends one tmux session, named by its number, never by a name others could share a begin with.

use super::Done;
use crate::collect::tmux_sessions;
use crate::exec;
use crate::plan::Deed;
use std::path::Path;
use std::time::Duration;

/// Ends the session of `deed` (of any other deed it says so).
#[must_use]
pub fn kill_session(program: &Path, deed: &Deed) -> Done {
    let Deed::KillTmux {
        socket,
        server_pid,
        id,
        name,
        created,
    } = deed
    else {
        return Done::failure("no session");
    };
    let same = |s: &crate::snapshot::Session| {
        s.id == *id && s.name == *name && s.created == *created && s.server_pid == *server_pid
    };
    match tmux_sessions(program, socket) {
        Ok(now) if now.iter().any(same) => {}
        Ok(_) => return Done::skipped("the session is gone or another one now"),
        Err(e) => return Done::skipped(format!("the server cannot be asked: {e}")),
    }
    let Some(socket_text) = socket.to_str() else {
        return Done::failure("the socket's path is no text");
    };
    let arguments = ["-S", socket_text, "kill-session", "-t", id.as_str()];
    if let Err(e) = exec::output(program, &arguments, None, Duration::from_secs(5)) {
        return Done::failure(e.to_string());
    }
    match tmux_sessions(program, socket) {
        Ok(now) if now.iter().any(same) => Done::failure("it is still there"),
        // The server ends with its last session: then there is nobody left to ask.
        Ok(_) | Err(_) => Done::success("ended"),
    }
}
