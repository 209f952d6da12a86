//! Questions to a person, and the same answers from a pipe.

use crate::fault::{Exit, Fault};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal, Write};

/// Asks for a line; what is typed can be seen.
pub fn ask(question: &str) -> Result<String, Fault> {
    if !io::stdin().is_terminal() {
        let text = format!("{question} is needed, and there is nobody to ask");
        return Err(Fault::new(Exit::Usage, text).hint("argus login --help shows how to pipe it"));
    }
    put(&format!("{question}: "));
    line()
}

/// Asks for a line that is not shown.
pub fn ask_secret(question: &str) -> Result<String, Fault> {
    if !io::stdin().is_terminal() {
        return ask(question);
    }
    put(&format!("{question}: "));
    let shown = hide();
    let line = line();
    if let Some(shown) = shown {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &shown);
    }
    put("\n");
    line
}

/// The first line of stdin.
pub fn piped() -> Result<String, Fault> {
    let line = line()?;
    match line.is_empty() {
        true => Err(Fault::new(Exit::Usage, "stdin is empty")),
        false => Ok(line),
    }
}

fn hide() -> Option<Termios> {
    let shown = tcgetattr(io::stdin()).ok()?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(io::stdin(), OptionalActions::Now, &hidden).ok()?;
    Some(shown)
}

fn put(text: &str) {
    let mut out = io::stderr().lock();
    let _ = write!(out, "{text}");
    let _ = out.flush();
}

fn line() -> Result<String, Fault> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Fault::file("stdin", &error))?;
    Ok(line.trim().to_owned())
}
