//! What the child prints, as lines of its job.

use super::child::Chunk;
use super::flow::Flow;
use reporter::Job;
use reporter::console::{Fold, Line};
use std::time::Instant;

/// Longest reason taken from the output, characters.
const WORDS: usize = 500;

/// Both streams of the child.
pub struct Output {
    /// Standard output and standard error.
    folds: [Fold; 2],
    flow: Flow,
    is_told: bool,
    /// The last line on standard error that says something.
    last_words: Option<String>,
}

impl Output {
    /// Nothing yet; lines are told when `is_told`.
    pub fn new(is_told: bool) -> Self {
        Self {
            folds: [Fold::new(), Fold::new()],
            flow: Flow::new(Instant::now()),
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
        let held = self.flow.rest();
        self.confess(held, job);
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
            if let Some(held) = self.flow.admit(Instant::now()) {
                self.confess(held, job);
                job.log("info", text);
            }
        }
    }

    fn confess(&self, held: u64, job: &Job<'_>) {
        if held > 0 {
            job.log(
                "warning",
                &format!("[{held} lines left out: too many per second]"),
            );
        }
    }
}
