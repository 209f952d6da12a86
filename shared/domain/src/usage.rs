//! Counts over everything somebody sees: what is at work, what ended lately, who used how much.

use crate::account::UserId;
use crate::figures::{Part, runs};
use crate::job::Job;
use crate::metric;
use crate::status::{self, BatchStatus};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Final metrics that say how many GPUs a job had.
const GPU_COUNTS: [&str; 3] = ["gpu_count", "GPU_Count", "n_gpus"];

/// What is at work and what ended lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Batches running.
    pub running_batches: usize,
    /// Jobs at work in batches that have not ended.
    pub jobs_running: usize,
    /// Jobs done within a day, or without a time.
    pub jobs_done: usize,
    /// Jobs failed within a day, or without a time.
    pub jobs_failed: usize,
}

/// Counts `parts` at `now`.
pub fn counters<'a>(parts: impl IntoIterator<Item = Part<'a>>, now: Timestamp) -> Counters {
    let since = now.plus_secs(-DAY);
    let mut counted = Counters::default();
    for (batch, jobs) in parts {
        counted.running_batches += usize::from(batch.status == BatchStatus::Running);
        for job in jobs {
            let lately = job.end_time.as_ref().is_none_or(|end| end.at >= since);
            let working = status::job_is_running(&job.status) && batch.status.is_active();
            counted.jobs_running += usize::from(working);
            counted.jobs_done += usize::from(lately && status::job_is_done(&job.status));
            counted.jobs_failed += usize::from(lately && status::job_is_failed(&job.status));
        }
    }
    counted
}

/// What somebody's jobs used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Seconds times GPUs.
    pub gpu_seconds: f64,
    /// Jobs counted.
    pub jobs: usize,
}

/// What the jobs of each owner used that ended (or, without an end, began) from `since` on.
pub fn by_owner<'a>(
    parts: impl IntoIterator<Item = Part<'a>>,
    since: Timestamp,
) -> BTreeMap<UserId, Usage> {
    let mut used: BTreeMap<UserId, Usage> = BTreeMap::new();
    for run in runs(parts) {
        let at = run.job.end_time.as_ref().unwrap_or(&run.job.start_time).at;
        let (Some(owner), Some(seconds)) = (run.batch.owner_id, run.job.elapsed_s) else {
            continue;
        };
        if at >= since {
            let of_owner = used.entry(owner).or_default();
            of_owner.gpu_seconds += seconds as f64 * gpus(run.job);
            of_owner.jobs += 1;
        }
    }
    used
}

/// GPUs a job said it had, else one.
pub fn gpus(job: &Job) -> f64 {
    let said = GPU_COUNTS.iter().filter_map(|name| {
        let json = job.metrics.as_ref()?.get(*name)?;
        metric::number(json).filter(|n| n.is_finite() && *n > 0.0)
    });
    said.into_iter().next().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::JsonFields;
    use crate::testing::{START, batch, job};
    use crate::time::ClientTime;

    fn ended(id: &str, status: &str, at: Timestamp, gpus: &str) -> Job {
        Job {
            status: status.into(),
            end_time: Some(ClientTime::server(at)),
            elapsed_s: Some(100),
            metrics: Some(JsonFields::from([("n_gpus".to_owned(), gpus.to_owned())])),
            ..job("b", id)
        }
    }

    #[test]
    fn only_what_ended_within_the_window_counts() {
        let running = batch("b");
        let mut over = batch("c");
        over.status = BatchStatus::Done;
        let now = START.plus_secs(2 * DAY);
        let jobs = [
            ended("new", "done", START.plus_secs(DAY), "4"),
            ended("old", "done", START.plus_secs(DAY - 1), "4"),
            ended("bad", "failed", now, "-1"),
            job("b", "works"),
        ];
        // A job that was at work when its batch ended is not at work any more.
        let left = [job("c", "left")];
        let parts = [(&running, &jobs[..]), (&over, &left[..])];
        let expected = Counters {
            running_batches: 1,
            jobs_running: 1,
            jobs_done: 1,
            jobs_failed: 1,
        };
        assert_eq!(counters(parts, now), expected);
        let used = by_owner(parts, now.plus_secs(-DAY));
        let expected = Usage {
            gpu_seconds: 500.0,
            jobs: 2,
        };
        assert_eq!(used, BTreeMap::from([(1, expected)]));
    }
}
