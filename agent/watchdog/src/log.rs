//! What happens, line by line: to the journal and to `argus.log`.

use crate::state;
use crate::text::{clean, redact};
use crate::time::Stamp;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Size from which on the file is moved away.
const LARGEST: u64 = 10 * 1024 * 1024;

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// What was done.
    Info,
    /// What did not work.
    Error,
}

/// Where lines go.
#[derive(Debug)]
pub struct Log {
    file: Option<PathBuf>,
    journal: bool,
    print: bool,
}

impl Log {
    /// To `file` and, if `print`, to standard output; `journal` marks lines with their priority.
    #[must_use]
    pub fn new(file: Option<PathBuf>, print: bool, journal: bool) -> Self {
        if let Some(folder) = file.as_ref().and_then(|f| f.parent()) {
            let _ = std::fs::create_dir_all(folder);
        }
        Self {
            file,
            journal,
            print,
        }
    }

    /// Moves a large file away; once per cycle is enough.
    pub fn rotate(&self) {
        if let Some(file) = &self.file
            && state::rotate(file, LARGEST, 3).unwrap_or(false)
        {
            self.info("the log was rotated");
        }
    }

    /// Something was done.
    pub fn info(&self, text: &str) {
        self.line(Loudness::Info, text);
    }

    /// Something did not work.
    pub fn error(&self, text: &str) {
        self.line(Loudness::Error, text);
    }

    fn line(&self, loudness: Loudness, text: &str) {
        // One line whatever the text holds, so that nobody can forge another.
        let text = redact(&clean(text, 2000));
        let name = match loudness {
            Loudness::Info => "INFO",
            Loudness::Error => "ERROR",
        };
        let line = format!("[{}] [{name}] {text}\n", Stamp::now());
        if self.print {
            let priority = match loudness {
                Loudness::Info => "<6>",
                Loudness::Error => "<3>",
            };
            let mark = if self.journal { priority } else { "" };
            // A closed pipe must not end the watchdog.
            let _ = std::io::stdout()
                .lock()
                .write_all(format!("{mark}{line}").as_bytes());
        }
        if let Some(file) = &self.file {
            let open = OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o640)
                .open(file);
            let _ = open.and_then(|mut out| out.write_all(line.as_bytes()));
        }
    }
}
