//! What happened lately, told from the state of batches and jobs: what is deleted is never told.

use crate::batch::Batch;
use crate::figures::{Part, runs};
use crate::job::Job;
use crate::status::{self, BatchStatus};
use crate::time::{ClientTime, Timestamp};
use std::cmp::Reverse;

/// Characters of a reason that are shown.
const REASON_CHARS: usize = 60;

/// Kind of thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A batch began.
    BatchStart,
    /// A batch ended well.
    BatchDone,
    /// A batch ended with an error.
    BatchFailed,
    /// A job ended with an error.
    JobFailed,
}

impl Kind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchStart => "batch_start",
            Self::BatchDone => "batch_done",
            Self::BatchFailed => "batch_failed",
            Self::JobFailed => "job_failed",
        }
    }

    /// Whether somebody should have a look.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::BatchFailed | Self::JobFailed)
    }
}

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub struct Activity<'a> {
    /// What.
    pub kind: Kind,
    /// To which batch.
    pub batch: &'a Batch,
    /// To which of its jobs.
    pub job: Option<&'a Job>,
    /// When, by the client's clock.
    pub time: &'a ClientTime,
}

impl<'a> Activity<'a> {
    fn place(&self) -> (Timestamp, &'a str, Option<&'a str>, Kind) {
        let job = self.job.map(|job| job.id.as_str());
        (self.time.at, &self.batch.id, job, self.kind)
    }

    /// An id that stays the same from read to read; a relaunch makes a new one.
    pub fn id(&self) -> String {
        let batch = &self.batch.id;
        match self.job {
            Some(job) => format!("{}:{}:{batch}/{}", self.kind.as_str(), job.attempt, job.id),
            None => format!("{}:{}:{batch}", self.kind.as_str(), self.batch.attempt),
        }
    }

    /// A few words on it; of a failure the first line of its reason.
    pub fn summary(&self) -> String {
        let batch = self.batch;
        let reason = |otherwise: &str| self.reason().unwrap_or_else(|| otherwise.to_owned());
        match (self.kind, self.job) {
            (Kind::BatchStart, _) => match batch.n_total {
                Some(n) => format!("Batch started, {n} jobs planned"),
                None => "Batch started".to_owned(),
            },
            (Kind::BatchDone, _) => {
                let (done, failed) = (batch.n_done, batch.n_failed);
                format!("Batch done: {done} jobs done, {failed} failed")
            }
            (Kind::JobFailed, Some(_)) => reason("Job failed"),
            _ => reason("Batch failed"),
        }
    }

    /// The first line of a failure's reason, as the script gave it.
    pub fn reason(&self) -> Option<String> {
        let error = match (self.kind, self.job) {
            (Kind::JobFailed, Some(job)) => &job.error,
            (Kind::BatchFailed, _) => &self.batch.error,
            _ => return None,
        };
        let line = error.as_deref()?.lines().next()?.trim();
        (!line.is_empty()).then(|| line.chars().take(REASON_CHARS).collect())
    }
}

/// Everything that happened to `parts`, newest first.
pub fn of<'a>(parts: impl IntoIterator<Item = Part<'a>> + Clone) -> Vec<Activity<'a>> {
    let of_batches = parts.clone().into_iter().flat_map(|(batch, _)| {
        // Batches known only by early events or as requests have not begun.
        let start = (batch.launch != 0).then_some((Kind::BatchStart, &batch.start_time));
        let end = match batch.status {
            BatchStatus::Done => Some(Kind::BatchDone),
            BatchStatus::Failed => Some(Kind::BatchFailed),
            _ => None,
        };
        let happened = start.into_iter().chain(end.zip(batch.end_time.as_ref()));
        happened.map(move |(kind, time)| Activity {
            kind,
            batch,
            job: None,
            time,
        })
    });
    let of_jobs = runs(parts).filter_map(|run| {
        let failed = status::job_is_failed(&run.job.status);
        Some(Activity {
            kind: Kind::JobFailed,
            batch: run.batch,
            job: Some(run.job),
            time: run.job.end_time.as_ref().filter(|_| failed)?,
        })
    });
    let mut all: Vec<Activity<'a>> = of_batches.chain(of_jobs).collect();
    all.sort_by_key(|activity| Reverse(activity.place()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, batch, job};

    #[test]
    fn state_tells_what_happened() {
        let mut ended = batch("a");
        ended.launch = 7;
        ended.status = BatchStatus::Failed;
        ended.end_time = Some(ClientTime::server(START.plus_secs(9)));
        ended.error = Some(format!("{}\nsecond line", "x".repeat(80)));
        let mut failed = job("a", "j");
        failed.status = "failed".into();
        failed.end_time = Some(ClientTime::server(START.plus_secs(5)));
        // Heard of by an epoch only: it never said that it began.
        let stub = batch("b");
        let jobs = [failed, job("a", "k")];
        let told = of([(&ended, &jobs[..]), (&stub, &[][..])]);
        let ids: Vec<String> = told.iter().map(Activity::id).collect();
        let expected = ["batch_failed:1:a", "job_failed:1:a/j", "batch_start:1:a"];
        assert_eq!(ids, expected);
        assert_eq!(told[0].summary(), "x".repeat(60));
        assert_eq!(told[1].summary(), "Job failed");
        assert_eq!(told[2].summary(), "Batch started");
    }
}
