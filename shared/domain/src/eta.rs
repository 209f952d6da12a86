//! When a run will have ended, from what its jobs took so far.

use crate::batch::Batch;
use crate::job::Job;
use crate::metric;
use crate::status;
use crate::time::Timestamp;

/// Weight of the newest sample.
const ALPHA: f64 = 0.3;
/// Newest done jobs looked at.
const SAMPLES: usize = 10;
/// Epochs assumed of a job that never said.
pub const EPOCHS_ASSUMED: i64 = 50;

/// Estimate for a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchEta {
    /// Seconds until the last planned job is done; `None` without a sample.
    pub seconds: Option<i64>,
    /// Planned jobs that have not ended.
    pub pending: i64,
    /// Done jobs the estimate rests on.
    pub samples: usize,
}

/// Estimate for `batch`, whose live jobs are `jobs`: a moving average over the newest done ones.
pub fn of_batch(batch: &Batch, jobs: &[Job]) -> BatchEta {
    let planned = batch.n_total.unwrap_or(0);
    let pending = match batch.status.is_terminal() {
        true => 0,
        false => (planned - batch.n_done - batch.n_failed).max(0),
    };
    let mut ended: Vec<(Timestamp, i64)> = jobs
        .iter()
        .filter(|job| status::job_is_done(&job.status))
        .filter_map(|job| Some((job.end_time.as_ref()?.at, job.elapsed_s?)))
        .collect();
    ended.sort_unstable();
    let newest = &ended[ended.len().saturating_sub(SAMPLES)..];
    let mut average: Option<f64> = None;
    for (_, elapsed) in newest {
        let elapsed = *elapsed as f64;
        average = Some(average.map_or(elapsed, |was| ALPHA * elapsed + (1.0 - ALPHA) * was));
    }
    let seconds = match pending {
        0 => Some(0),
        _ => average.map(|average| (average * pending as f64).round() as i64),
    };
    BatchEta {
        seconds,
        pending,
        samples: newest.len(),
    }
}

/// Estimate for a job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobEta {
    /// Seconds since the start, until the end once it ended.
    pub elapsed: i64,
    /// Epochs reported in this attempt.
    pub done: i64,
    /// Epochs planned; [`EPOCHS_ASSUMED`] when the job never said.
    pub total: i64,
    /// Seconds an epoch took on average.
    pub per_epoch: Option<f64>,
    /// Seconds until the end.
    pub seconds: Option<i64>,
    /// Instant of the end; `None` once nothing remains.
    pub ends_at: Option<Timestamp>,
}

/// Estimate for `job` at `now`.
pub fn of_job(job: &Job, now: Timestamp) -> JobEta {
    let ended = job
        .end_time
        .as_ref()
        .filter(|_| !status::job_is_running(&job.status));
    let until = ended.map_or(now, |end| end.at);
    let measured = job.elapsed_s.filter(|_| ended.is_some());
    let elapsed = measured.unwrap_or_else(|| until.secs_since(job.start_time.at).max(0.0) as i64);
    let span = job.first_epoch.zip(job.last_epoch.as_ref());
    let steps = span.map_or(0, |(first, last)| last.epoch - first.epoch);
    let done = span.map_or(0, |_| steps + 1);
    let per_epoch = span
        .map(|(first, last)| last.at.secs_since(first.at) / steps.max(1) as f64)
        .filter(|seconds| steps > 0 && *seconds > 0.0)
        .map(|seconds| (seconds * 1000.0).round() / 1000.0);
    let total = planned_epochs(job).unwrap_or(EPOCHS_ASSUMED);
    let remaining = (total - done).max(0);
    let seconds = match (ended.is_some(), remaining) {
        (true, _) | (_, 0) => Some(0),
        _ => per_epoch.map(|each| (remaining as f64 * each).ceil() as i64),
    };
    JobEta {
        elapsed,
        done,
        total,
        per_epoch,
        seconds,
        ends_at: seconds.filter(|s| *s > 0).map(|s| now.plus_secs(s)),
    }
}

/// Epochs a job said it would run: in its final metrics or in what it said when it began.
fn planned_epochs(job: &Job) -> Option<i64> {
    let names = [
        "train_epochs",
        "epochs_total",
        "n_epochs",
        "max_epochs",
        "epochs",
    ];
    let said = job.metrics.iter().chain([&job.extra]);
    said.flat_map(|fields| names.iter().filter_map(|name| fields.get(*name)))
        .filter_map(|json| metric::number(json))
        .find(|n| *n >= 1.0 && n.fract() == 0.0)
        .map(|n| n as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::JsonFields;
    use crate::job::{FirstEpoch, LastEpoch};
    use crate::testing::{batch, job};
    use crate::time::ClientTime;

    fn done(elapsed: i64, ended: i64) -> Job {
        Job {
            status: "done".into(),
            elapsed_s: Some(elapsed),
            end_time: Some(ClientTime::server(Timestamp(ended))),
            ..job("b", "j")
        }
    }

    #[test]
    fn a_batch_follows_its_newest_jobs() {
        let mut b = batch("b");
        b.n_total = Some(5);
        b.n_done = 3;
        let jobs = [done(40, 30), done(10, 10), done(20, 20)];
        let eta = of_batch(&b, &jobs);
        assert_eq!((eta.seconds, eta.pending, eta.samples), (Some(42), 2, 3));
        assert_eq!(of_batch(&b, &[]).seconds, None);
        b.n_total = None;
        assert_eq!(of_batch(&b, &jobs).seconds, Some(0));
    }

    #[test]
    fn a_job_counts_from_its_first_epoch_and_stops_at_its_end() {
        let start = job("b", "j").start_time.at;
        let mut j = job("b", "j");
        j.extra = JsonFields::from([("epochs".to_owned(), "10".to_owned())]);
        assert_eq!(of_job(&j, start.plus_secs(7)).seconds, None);
        j.first_epoch = Some(FirstEpoch {
            epoch: 1,
            at: start,
        });
        j.last_epoch = Some(LastEpoch {
            epoch: 4,
            at: start.plus_secs(6),
            ..LastEpoch::default()
        });
        let eta = of_job(&j, start.plus_secs(7));
        assert_eq!((eta.elapsed, eta.done, eta.total), (7, 4, 10));
        assert_eq!((eta.per_epoch, eta.seconds), (Some(2.0), Some(12)));
        assert_eq!(eta.ends_at, Some(start.plus_secs(19)));
        j.status = "done".into();
        j.end_time = Some(ClientTime::server(start.plus_secs(9)));
        let eta = of_job(&j, start.plus_secs(1000));
        assert_eq!((eta.elapsed, eta.seconds, eta.ends_at), (9, Some(0), None));
    }
}
