//! What the child prints, as lines of its job.

use super::child::Chunk;
use reporter::Job;
use reporter::console::{Fold, Line, Meter};
use std::time::Instant;

/// Longest reason taken from the output, characters.
const WORDS: usize = 500;

/// Both streams of the child.
pub struct Output {
    /// Standard output and standard error.
    folds: [Fold; 2],
    meter: Meter,
    is_told: bool,
    /// The last line on standard error that says something.
    last_words: Option<String>,
}

impl Output {
    /// Nothing yet; lines are told when `is_told`.
    pub fn new(is_told: bool) -> Self {
        Self {
            folds: [Fold::new(), Fold::new()],
            meter: Meter::default(),
            is_told,
            last_words: None,
        }
    }

    /// Takes in what was printed.
    pub fn take(&mut self, chunk: &Chunk, job: &Job<'_>) {
        let stream = usize::from(chunk.is_error);
        let lines = self.folds[stream].feed(&chunk.bytes);
        self.tell(stream, lines, job);
    }

    /// Tells rows that came to rest.
    pub fn settle(&mut self, job: &Job<'_>) {
        for stream in 0..self.folds.len() {
            let lines = self.folds[stream].settle();
            self.tell(stream, lines, job);
        }
    }

    /// Tells everything that is left.
    pub fn end(&mut self, job: &Job<'_>) {
        for stream in 0..self.folds.len() {
            let lines = self.folds[stream].end();
            self.tell(stream, lines, job);
        }
        self.confess(job);
    }

    /// What a failure says first.
    pub fn last_words(&self) -> Option<&str> {
        self.last_words.as_deref()
    }

    fn tell(&mut self, stream: usize, lines: Vec<Line>, job: &Job<'_>) {
        for line in lines {
            let text = line.text.trim_end();
            if stream == 1 && !line.redrawn && !text.is_empty() {
                self.last_words = Some(text.chars().take(WORDS).collect());
            }
            if !self.is_told {
                continue;
            }
            if self.meter.passes(Instant::now()) {
                self.confess(job);
                job.log("info", text);
            }
        }
    }

    /// Says how many lines were left out, once lines pass again.
    fn confess(&mut self, job: &Job<'_>) {
        if let Some(count) = self.meter.left_out() {
            job.log(
                "warning",
                &format!("[{count} lines left out: too many per second]"),
            );
        }
    }
}
