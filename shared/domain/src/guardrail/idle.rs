//! A job that leaves its GPU unused.
//!
//! What is known of the job's own processes counts before what is known of the whole host: a busy
//! neighbour must not hide an idle job, and idle GPUs beside it must not accuse a busy one.

use super::Thresholds;
use crate::job::Job;
use crate::time::Timestamp;

/// Utilisation below which a GPU counts as unused, percent.
pub const UNUSED_PCT: f64 = 5.0;

/// A process and its use of GPUs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// Job it belongs to, if it says so.
    pub job: Option<String>,
    /// Process id.
    pub pid: Option<i64>,
    /// Utilisation in percent: its own, else that of the GPUs it is on.
    pub util: Option<f64>,
    /// GPUs it is on.
    pub gpus: usize,
}

/// What one snapshot says of GPUs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Utilisation of the host's GPUs together, percent.
    pub util: Option<f64>,
    /// Processes on them.
    pub processes: Vec<Process>,
}

/// How a job uses its GPUs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Use {
    /// Nobody knows, or not for long enough.
    Unknown,
    /// It does not, since then, on so many.
    Unused {
        /// Oldest sample that says so.
        since: Timestamp,
        /// GPUs, at least one.
        gpus: usize,
    },
    /// It does.
    Used,
}

/// Process id a job named when it began.
fn pid(job: &Job) -> Option<i64> {
    job.extra.get("pid")?.trim_matches('"').parse().ok()
}

/// Readings of one job, oldest first.
struct Readings {
    utils: Vec<(Timestamp, f64)>,
    gpus: usize,
}

impl Readings {
    fn of(job: &Job, samples: &[Sample], from: Timestamp) -> Self {
        let pid = pid(job);
        let is_own = |process: &&Process| match &process.job {
            Some(id) => *id == job.id,
            None => pid.is_some() && process.pid == pid,
        };
        let mut own = Self {
            utils: vec![],
            gpus: 0,
        };
        let mut host = vec![];
        for sample in samples.iter().filter(|sample| sample.at >= from) {
            let processes = || sample.processes.iter().filter(is_own);
            own.gpus = own.gpus.max(processes().map(|process| process.gpus).sum());
            let utils = processes().filter_map(|process| process.util);
            let highest = utils.filter(|util| util.is_finite()).reduce(f64::max);
            own.utils.extend(highest.map(|util| (sample.at, util)));
            let util = sample.util.filter(|util| util.is_finite());
            host.extend(util.map(|util| (sample.at, util)));
        }
        if own.utils.is_empty() {
            own.utils = host;
        }
        own
    }
}

/// Judges the samples of the batch of `job`, oldest first: unused means two samples at least, that
/// span nine tenths of the time and all say so. The newest alone says that it is used.
pub fn assess(job: &Job, samples: &[Sample], thresholds: &Thresholds, now: Timestamp) -> Use {
    let window = thresholds.idle_secs();
    // What a host did before the job began is not the job's. A clock ahead of ours proves nothing.
    let begun = Some(job.start_time.at).filter(|at| *at <= now);
    let from = begun.unwrap_or_default().max(now.plus_secs(-window));
    let readings = Readings::of(job, samples, from);
    let (Some((oldest, _)), Some((newest, util))) = (readings.utils.first(), readings.utils.last())
    else {
        return Use::Unknown;
    };
    if *util > UNUSED_PCT {
        return Use::Used;
    }
    let unused = readings.utils.iter().all(|(_, util)| *util < UNUSED_PCT);
    let spans = newest.secs_since(*oldest) >= 0.9 * window as f64;
    match unused && spans && readings.utils.len() >= 2 {
        true => Use::Unused {
            since: *oldest,
            gpus: readings.gpus.max(1),
        },
        false => Use::Unknown,
    }
}

/// Whether a window that ends with `newest` can say that some of `jobs` are unused: if not, nobody
/// needs to read the rest of it.
pub fn is_suspect(jobs: &[&Job], newest: &Sample) -> bool {
    let suspect = |job: &&Job| {
        let utils = Readings::of(job, std::slice::from_ref(newest), newest.at).utils;
        utils.first().is_none_or(|(_, util)| *util < UNUSED_PCT)
    };
    jobs.iter().any(suspect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, job};
    use proptest::prelude::*;

    fn host(minute: i64, util: f64) -> Sample {
        Sample {
            at: START.plus_secs(minute * 60),
            util: Some(util),
            processes: vec![],
        }
    }

    fn with(mut sample: Sample, job: Option<&str>, pid: i64, util: f64) -> Sample {
        sample.processes.push(Process {
            job: job.map(str::to_owned),
            pid: Some(pid),
            util: Some(util),
            gpus: 2,
        });
        sample
    }

    fn judged(samples: &[Sample]) -> Use {
        let mut job = job("b", "j");
        job.extra.insert("pid".into(), "42".into());
        let now = START.plus_secs(600);
        assess(&job, samples, &Thresholds::default(), now)
    }

    #[test]
    fn a_whole_window_of_nothing_is_needed() {
        let unused = Use::Unused {
            since: START,
            gpus: 1,
        };
        for (samples, expected) in [
            (vec![], Use::Unknown),
            (vec![host(10, 0.0)], Use::Unknown),
            (vec![host(0, 0.0), host(9, 4.9)], unused),
            (vec![host(0, 0.0), host(8, 0.0)], Use::Unknown),
            (
                vec![host(0, 0.0), host(5, 50.0), host(10, 0.0)],
                Use::Unknown,
            ),
            (vec![host(0, 0.0), host(10, 5.0)], Use::Unknown),
            (vec![host(0, 0.0), host(10, 5.1)], Use::Used),
            (
                vec![host(0, f64::NAN), host(1, 0.0), host(10, 0.0)],
                Use::Unused {
                    since: START.plus_secs(60),
                    gpus: 1,
                },
            ),
        ] {
            assert_eq!(judged(&samples), expected, "{samples:?}");
        }
    }

    #[test]
    fn neighbours_neither_hide_nor_accuse() {
        let busy_host = |minute| with(host(minute, 90.0), Some("j"), 1, 0.0);
        let found = judged(&[busy_host(0), busy_host(10)]);
        assert_eq!(
            found,
            Use::Unused {
                since: START,
                gpus: 2
            }
        );
        let idle_host = |minute| with(host(minute, 1.0), None, 42, 30.0);
        assert_eq!(judged(&[idle_host(0), idle_host(10)]), Use::Used);
        // Somebody else's process says nothing of this job.
        let other = |minute| with(host(minute, 1.0), Some("k"), 42, 99.0);
        assert!(matches!(judged(&[other(0), other(10)]), Use::Unused { .. }));
    }

    #[test]
    fn what_was_before_the_job_is_not_its_fault() {
        let mut late = job("b", "j");
        late.start_time.at = START.plus_secs(300);
        let samples = [host(0, 0.0), host(6, 0.0), host(10, 0.0)];
        let now = START.plus_secs(600);
        let found = assess(&late, &samples, &Thresholds::default(), now);
        assert_eq!(found, Use::Unknown);
        assert!(is_suspect(&[&late], &samples[2]));
        assert!(!is_suspect(&[&late], &host(10, 50.0)));
    }

    proptest! {
        #[test]
        fn one_reading_above_the_bound_is_never_unused(
            utils in prop::collection::vec(0.0..5.0f64, 1..10),
            at in 0..10usize,
        ) {
            let mut samples: Vec<Sample> = (0..).zip(&utils).map(|(i, util)| host(i, *util)).collect();
            samples.push(host(10, 0.0));
            let at = at % samples.len();
            samples[at].util = Some(60.0);
            let is_unused = matches!(judged(&samples), Use::Unused { .. });
            prop_assert!(!is_unused);
        }

        #[test]
        fn what_needs_the_window_is_suspect(utils in prop::collection::vec(0.0..9.0f64, 2..12)) {
            let samples: Vec<Sample> = (0..).zip(&utils).map(|(i, util)| host(i, *util)).collect();
            let newest = samples.last().expect("one");
            let own = job("b", "j");
            let found = assess(&own, &samples, &Thresholds::default(), newest.at);
            let is_unused = matches!(found, Use::Unused { .. });
            prop_assert!(!is_unused || is_suspect(&[&own], newest));
        }
    }
}
