//! What went wrong, what to do about it, and the exit code that says so.

use std::fmt::Display;
use std::io;

/// How the program ends. The numbers are documented and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As asked.
    Done = 0,
    /// It did not work.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// No such run, job, project or file.
    NotFound = 3,
    /// Nobody is logged in, or may not do this.
    Auth = 4,
    /// The server cannot be reached, or is broken.
    Unreachable = 5,
}

/// A failure as people read it.
#[derive(Debug)]
pub struct Fault {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong.
    pub text: String,
    /// What to type next.
    pub hint: Option<String>,
}

impl Fault {
    /// A failure with its exit code.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
            hint: None,
        }
    }

    /// The same with what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// It did not work.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::new(Exit::Failed, text)
    }

    /// A file that cannot be read or written.
    pub fn file(path: impl Display, error: &io::Error) -> Self {
        let exit = match error.kind() {
            io::ErrorKind::NotFound => Exit::NotFound,
            _ => Exit::Failed,
        };
        Self::new(exit, format!("{path}: {error}"))
    }
}
