//! A progress bar on a terminal; silence anywhere else.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Width in characters.
const WIDTH: u64 = 30;
/// Pause between two drawings.
const PAUSE: Duration = Duration::from_millis(100);

/// How far something is.
pub struct Bar {
    what: &'static str,
    total: u64,
    done: u64,
    drawn: Option<Instant>,
    shown: bool,
}

impl Bar {
    /// A bar for `total` bytes; 0: nobody knows how many.
    pub fn new(what: &'static str, total: u64) -> Self {
        Self {
            what,
            total,
            done: 0,
            drawn: None,
            shown: std::io::stderr().is_terminal(),
        }
    }

    /// So many bytes more.
    pub fn add(&mut self, bytes: u64) {
        self.done += bytes;
        if self.shown && self.drawn.is_none_or(|at| at.elapsed() >= PAUSE) {
            self.drawn = Some(Instant::now());
            self.draw();
        }
    }

    fn draw(&self) {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let mut out = std::io::stderr();
        // A terminal that went away is no reason to stop.
        let _ = match self.total {
            0 => write!(out, "\r{} {:.1} MiB", self.what, mib(self.done)),
            total => {
                let full = (self.done.min(total) * WIDTH / total) as usize;
                let rest = WIDTH as usize - full;
                let line = format!("{}{}", "#".repeat(full), "-".repeat(rest));
                let (done, all) = (mib(self.done), mib(total));
                write!(out, "\r{} [{line}] {done:.1} of {all:.1} MiB", self.what)
            }
        };
        let _ = out.flush();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown {
            self.draw();
            eprintln!();
        }
    }
}
