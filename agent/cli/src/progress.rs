//! A progress bar on stderr, drawn only where a person looks.

use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Cells of the bar.
const WIDTH: usize = 28;
/// Redrawing more often helps nobody.
const EVERY: Duration = Duration::from_millis(100);

/// How far something is.
pub struct Progress {
    label: String,
    total: u64,
    done: u64,
    drawn: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// A bar of `total` steps; silent unless `shown`.
    pub fn new(label: &str, total: u64, shown: bool) -> Self {
        Self {
            label: label.to_owned(),
            total,
            done: 0,
            drawn: None,
            shown,
        }
    }

    /// Goes on by `steps`.
    pub fn advance(&mut self, steps: u64) {
        self.done += steps;
        if self.shown && self.drawn.is_none_or(|at| at.elapsed() >= EVERY) {
            self.drawn = Some(Instant::now());
            self.draw();
        }
    }

    /// Ends the line.
    pub fn finish(mut self) {
        if self.shown {
            self.total = self.total.max(self.done);
            self.draw();
            let _ = writeln!(io::stderr());
        }
    }

    fn draw(&self) {
        let share = self.done as f64 / self.total.max(1) as f64;
        let full = ((share * WIDTH as f64) as usize).min(WIDTH);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
        let mut out = io::stderr().lock();
        let _ = write!(
            out,
            "\r\u{1b}[K{} {bar} {}/{}",
            self.label,
            self.done,
            self.total.max(self.done)
        );
        let _ = out.flush();
    }
}
