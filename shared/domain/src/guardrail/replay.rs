//! The rules over a run of the past: what they would have found, and what acting at once would
//! have saved.

use super::divergence::{self, Verdict};
use super::idle::{self, Sample, Use};
use super::{Thresholds, memory};
use crate::batch::Batch;
use crate::job::Job;
use crate::time::Timestamp;
use crate::usage::gpus;
use std::collections::BTreeMap;

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// A loss as it was reported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Attempt of the batch.
    pub attempt: u32,
    /// Epoch.
    pub epoch: i64,
    /// Validation loss.
    pub loss: f64,
}

/// What is stored of a run.
#[derive(Clone, Debug)]
pub struct Past<'a> {
    /// The batch.
    pub batch: &'a Batch,
    /// Its live jobs.
    pub jobs: &'a [Job],
    /// Losses by job, in the order they came.
    pub losses: BTreeMap<String, Vec<Point>>,
    /// Snapshots, oldest first.
    pub samples: Vec<Sample>,
    /// When it reported anything, in no order.
    pub signs: Vec<Timestamp>,
    /// Log lines of failed jobs, by job.
    pub lines: BTreeMap<String, Vec<String>>,
}

/// Something a rule would have found.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// Which rule, as [`super::Finding::rule`] calls it.
    pub rule: &'static str,
    /// Job it would have been about.
    pub job: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Hours of GPUs from then until it was over, or the job was.
    pub gpu_hours: f64,
}

/// Runs every rule over `past`; the oldest finding first.
pub fn replay(past: &Past<'_>, thresholds: &Thresholds, now: Timestamp) -> Vec<Fired> {
    let mut fired = silences(past, thresholds, now);
    for job in past.jobs {
        let until = ends(past.batch, job, now);
        fired.extend(losses(past, job, thresholds, until));
        fired.extend(idleness(past, job, thresholds, until));
        fired.extend(out_of_memory(past, job));
    }
    fired.sort_by(|a, b| (a.at, &a.job, a.rule).cmp(&(b.at, &b.job, b.rule)));
    fired
}

/// What acting at once would have saved: of several findings about one job the largest, since it
/// can be stopped only once.
pub fn saved(fired: &[Fired]) -> f64 {
    let mut most: BTreeMap<&Option<String>, f64> = BTreeMap::new();
    for one in fired {
        let hours = most.entry(&one.job).or_default();
        *hours = hours.max(one.gpu_hours);
    }
    most.values().sum()
}

/// When a job ended; one that never said so ended with its batch, or goes on.
fn ends(batch: &Batch, job: &Job, now: Timestamp) -> Timestamp {
    let end = job.end_time.as_ref().or(batch.end_time.as_ref());
    end.map_or(now, |end| end.at)
}

fn hours(from: Timestamp, until: Timestamp) -> f64 {
    until.secs_since(from).max(0.0) / HOUR
}

fn silences(past: &Past<'_>, thresholds: &Thresholds, now: Timestamp) -> Vec<Fired> {
    let end = past.batch.end_time.as_ref().map_or(now, |end| end.at);
    let mut signs = past.signs.clone();
    signs.extend([past.batch.start_time.at, end]);
    signs.extend(past.jobs.iter().map(|job| job.start_time.at));
    signs.extend(
        past.jobs
            .iter()
            .filter_map(|job| Some(job.end_time.as_ref()?.at)),
    );
    signs.retain(|at| *at <= end);
    signs.sort_unstable();
    let silent = |pair: &[Timestamp]| {
        let at = pair[0].plus_secs(thresholds.stall_secs());
        (at <= pair[1]).then_some((at, pair[1]))
    };
    let fired = signs.windows(2).filter_map(silent).map(|(at, until)| {
        let at_work = |job: &&Job| job.start_time.at <= at && ends(past.batch, job, now) >= at;
        let gpus: f64 = past.jobs.iter().filter(at_work).map(gpus).sum();
        Fired {
            rule: "stalled",
            job: None,
            at,
            gpu_hours: hours(at, until) * gpus,
        }
    });
    fired.collect()
}

fn losses(past: &Past<'_>, job: &Job, thresholds: &Thresholds, until: Timestamp) -> Vec<Fired> {
    let mut fired: Vec<Fired> = vec![];
    let mut open: Option<(Timestamp, Verdict)> = None;
    let mut seen: Vec<(i64, f64)> = vec![];
    let mut attempt = None;
    let mut close = |open: &mut Option<(Timestamp, Verdict)>, end: Timestamp| {
        let ended = open.take().map(|(at, _)| Fired {
            rule: "diverged",
            job: Some(job.id.clone()),
            at,
            gpu_hours: hours(at, end) * gpus(job),
        });
        fired.extend(ended);
    };
    for point in past.losses.get(&job.id).into_iter().flatten() {
        if attempt != Some(point.attempt) {
            close(&mut open, point.at);
            seen.clear();
            attempt = Some(point.attempt);
        }
        // The window never needs more.
        if seen.len() >= thresholds.divergence_window {
            seen.remove(0);
        }
        seen.push((point.epoch, point.loss));
        match &open {
            Some((_, verdict)) => {
                let was = verdict.value;
                if point.loss.is_finite() && (!was.is_finite() || point.loss < was) {
                    close(&mut open, point.at);
                    seen = vec![(point.epoch, point.loss)];
                }
            }
            None => {
                let verdict = divergence::assess(&seen, thresholds);
                open = verdict.map(|verdict| (point.at, verdict));
            }
        }
    }
    close(&mut open, until);
    fired
}

fn idleness(past: &Past<'_>, job: &Job, thresholds: &Thresholds, until: Timestamp) -> Vec<Fired> {
    let mut fired = vec![];
    let mut since: Option<(Timestamp, usize)> = None;
    let mut close = |since: &mut Option<(Timestamp, usize)>, end: Timestamp| {
        let ended = since.take().map(|(at, gpus)| Fired {
            rule: "idle",
            job: Some(job.id.clone()),
            at,
            gpu_hours: hours(at, end) * gpus as f64,
        });
        fired.extend(ended);
    };
    let samples = &past.samples;
    let mut first = 0;
    for (i, sample) in samples.iter().enumerate() {
        if sample.at < job.start_time.at || sample.at > until {
            continue;
        }
        let from = sample.at.plus_secs(-thresholds.idle_secs());
        while samples[first].at < from {
            first += 1;
        }
        match idle::assess(job, &samples[first..=i], thresholds, sample.at) {
            Use::Used => close(&mut since, sample.at),
            Use::Unused { gpus, .. } => {
                since.get_or_insert((sample.at, gpus));
            }
            Use::Unknown => {}
        }
    }
    close(&mut since, until);
    fired
}

fn out_of_memory(past: &Past<'_>, job: &Job) -> Option<Fired> {
    let lines = past.lines.get(&job.id)?;
    memory::assess(lines.iter().map(String::as_str))?;
    Some(Fired {
        rule: "out_of_memory",
        job: Some(job.id.clone()),
        at: job.end_time.as_ref()?.at,
        gpu_hours: 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, batch, job};
    use crate::time::ClientTime;

    fn at(minutes: i64) -> Timestamp {
        START.plus_secs(minutes * 60)
    }

    fn sample(minute: i64, util: f64) -> Sample {
        Sample {
            at: at(minute),
            util: Some(util),
            processes: vec![],
        }
    }

    fn point(minute: i64, loss: f64) -> Point {
        Point {
            at: at(minute),
            attempt: 1,
            epoch: minute,
            loss,
        }
    }

    fn rules(fired: &[Fired]) -> Vec<(&'static str, i64, f64)> {
        let row = |f: &Fired| {
            let minute = (f.at.secs() - START.secs()) / 60;
            (f.rule, minute, f.gpu_hours)
        };
        fired.iter().map(row).collect()
    }

    #[test]
    fn the_past_is_judged_by_the_same_rules() {
        let mut over = batch("b");
        over.end_time = Some(ClientTime::server(at(180)));
        let mut failed = job("b", "j");
        failed.status = "failed".into();
        failed.end_time = Some(ClientTime::server(at(180)));
        let jobs = [failed];
        let losses = [
            (10, 1.0),
            (11, 1.5),
            (12, 2.0),
            (13, 0.4),
            (119, 0.5),
            (120, f64::NAN),
        ];
        let points = losses.map(|(minute, loss)| point(minute, loss)).to_vec();
        let mut samples: Vec<Sample> = (0..60).map(|minute| sample(minute, 0.0)).collect();
        samples.extend((60..181).map(|minute| sample(minute, 90.0)));
        let mut signs: Vec<Timestamp> = samples.iter().map(|sample| sample.at).collect();
        signs.retain(|sign| *sign <= at(30) || *sign >= at(60));
        let mut past = Past {
            batch: &over,
            jobs: &jobs,
            losses: [("j".to_owned(), points)].into(),
            samples,
            signs,
            lines: [("j".to_owned(), vec!["CUDA out of memory".into()])].into(),
        };
        let thresholds = Thresholds::default();
        let fired = replay(&past, &thresholds, at(999));
        let expected = [
            ("idle", 9, 51.0 / 60.0),
            ("diverged", 12, 1.0 / 60.0),
            ("stalled", 45, 0.25),
            ("diverged", 120, 1.0),
            ("out_of_memory", 180, 0.0),
        ];
        assert_eq!(rules(&fired), expected);
        assert_eq!(saved(&fired), 1.25);
        // Laxer thresholds find nothing but what is no matter of degree.
        let lax = Thresholds {
            stall_min: 60,
            idle_min: 120,
            divergence_ratio: 3.0,
            ..thresholds
        };
        let fired = replay(&past, &lax, at(999));
        let found: Vec<_> = fired.iter().map(|f| f.rule).collect();
        assert_eq!(found, ["diverged", "out_of_memory"]);
        past.samples.clear();
        past.losses.clear();
        past.lines.clear();
        assert_eq!(replay(&past, &lax, at(999)), []);
    }
}
