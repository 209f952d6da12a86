//! What every tracker's files come down to: runs with jobs, points and lines.

use crate::moment::Moment;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One run as Argus keeps it.
#[derive(Debug, Default)]
pub struct Batch {
    /// Made of what the files say, so that importing again finds it.
    pub id: String,
    /// Project.
    pub project: String,
    /// Name people read.
    pub name: Option<String>,
    /// Which tracker.
    pub tracker: &'static str,
    /// Machine it ran on.
    pub host: Option<String>,
    /// Who ran it.
    pub user: Option<String>,
    /// What was run.
    pub command: Option<String>,
    /// Git commit.
    pub commit: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Remarks.
    pub notes: Option<String>,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// Parts of files that could not be read; the rest was.
    pub damage: Vec<String>,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Well, or nothing says otherwise.
    #[default]
    Done,
    /// With an error.
    Failed,
    /// Not yet.
    Running,
}

/// One job.
#[derive(Debug, Default)]
pub struct Job {
    /// Id inside the run.
    pub id: String,
    /// Parameters it was started with.
    pub params: Map<String, Value>,
    /// Metrics by step.
    pub points: BTreeMap<i64, Point>,
    /// Final values, beside the last of each series.
    pub summary: BTreeMap<String, f64>,
    /// Console lines in order.
    pub lines: Vec<Line>,
    /// When it began, if the files say so.
    pub started: Option<Moment>,
    /// When it ended, if the files say so.
    pub ended: Option<Moment>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed.
    pub error: Option<String>,
}

/// Metrics of one step.
#[derive(Debug, Default)]
pub struct Point {
    /// When they were written.
    pub at: Moment,
    /// By name; a step written twice holds what came last.
    pub values: BTreeMap<String, f64>,
}

/// A console line.
#[derive(Debug)]
pub struct Line {
    /// When; `None` where files do not say.
    pub at: Option<Moment>,
    /// Text.
    pub text: String,
    /// `info` or `error`.
    pub level: &'static str,
}

impl Job {
    /// A value of a series.
    pub fn add(&mut self, step: i64, at: Moment, name: &str, value: f64) {
        let point = self.points.entry(step).or_default();
        point.at = point.at.max(at);
        point.values.insert(name.to_owned(), value);
    }

    /// First and last instant anything happened.
    pub fn span(&self) -> (Moment, Moment) {
        let points = self.points.values().map(|point| point.at);
        let lines = self.lines.iter().filter_map(|line| line.at);
        let known: Vec<Moment> = points
            .chain(lines)
            .chain(self.started)
            .chain(self.ended)
            .collect();
        let first = self.started.or_else(|| known.iter().min().copied());
        let last = self.ended.or_else(|| known.iter().max().copied());
        (first.unwrap_or_default(), last.unwrap_or_default())
    }
}

impl Batch {
    /// First and last instant anything happened.
    pub fn span(&self) -> (Moment, Moment) {
        let spans: Vec<_> = self.jobs.iter().map(Job::span).collect();
        let first = spans.iter().map(|(first, _)| *first).min();
        let last = spans.iter().map(|(_, last)| *last).max();
        (first.unwrap_or_default(), last.unwrap_or_default())
    }
}
