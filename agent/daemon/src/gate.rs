//! The gate: our own program in the place where the run will be. It has the run's process number,
//! session, folder and log, and waits on its input for the word. The word brings environment and
//! command; the end of input without it means that whoever held the gate is gone, and so is it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Name of the hidden command.
pub const COMMAND: &str = "exec-gate";
/// Exit code of a gate that was never opened.
pub const SHUT: u8 = 125;

/// What the gate is told.
#[derive(Serialize, Deserialize)]
pub struct Word {
    /// Program.
    pub program: PathBuf,
    /// Its words, the first its name.
    pub argv: Vec<String>,
    /// Its environment, nothing besides.
    pub env: BTreeMap<String, String>,
}

impl Word {
    /// Opens the gate at the other end of `pipe`.
    ///
    /// # Errors
    /// When nobody waits there any more.
    pub fn send(&self, mut pipe: impl Write) -> std::io::Result<()> {
        let mut text = serde_json::to_vec(self)?;
        text.push(b'\n');
        pipe.write_all(&text)
    }
}

/// Waits for the word and becomes the run.
pub fn wait() -> ExitCode {
    // An own session: what the run starts can be found, and a terminal's Ctrl-C is not for it.
    let _ = rustix::process::setsid();
    let mut text = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut text);
    let whole = read.is_ok() && text.last() == Some(&b'\n');
    let Some(word) = whole
        .then(|| serde_json::from_slice::<Word>(&text).ok())
        .flatten()
    else {
        return ExitCode::from(SHUT);
    };
    // The agent may protect itself from the kernel's choice when memory is short; a run may not.
    let _ = std::fs::write("/proc/self/oom_score_adj", "0");
    let Ok(nothing) = std::fs::File::open("/dev/null") else {
        return ExitCode::from(SHUT);
    };
    let mut argv = word.argv.iter();
    let error = Command::new(&word.program)
        .arg0(argv.next().map_or("", String::as_str))
        .args(argv)
        .env_clear()
        .envs(&word.env)
        .stdin(nothing)
        .exec();
    eprintln!("argus-agent: {}: {error}", word.program.display());
    let missing = error.kind() == std::io::ErrorKind::NotFound;
    ExitCode::from(if missing { 127 } else { 126 })
}
