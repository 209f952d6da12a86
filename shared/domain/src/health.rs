//! Whether a batch still gives signs of life.

use crate::batch::Batch;
use crate::job::Job;
use crate::limits::STALLED_SECS;
use crate::status::{BatchStatus, job_is_failed};
use crate::time::Timestamp;

/// State of a batch, in figures and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Nothing was heard for longer than [`STALLED_SECS`] though it has not ended.
    pub is_stalled: bool,
    /// Seconds since the newest event.
    pub silent_s: i64,
    /// Failures of live jobs and of the batch itself.
    pub failures: i64,
    /// What is worth a look, for people.
    pub warnings: Vec<String>,
}

/// Judges `batch`, whose live jobs are `jobs`, at `now`.
pub fn of_batch(batch: &Batch, jobs: &[Job], now: Timestamp) -> Health {
    let silent_s = now.secs_since(batch.last_event_at).max(0.0) as i64;
    let is_stalled = !batch.status.is_terminal() && silent_s > STALLED_SECS;
    let failed_jobs = jobs.iter().filter(|job| job_is_failed(&job.status)).count() as i64;
    let failures = failed_jobs + i64::from(batch.status == BatchStatus::Failed);
    let mut warnings = Vec::new();
    if is_stalled {
        warnings.push(format!("no events for {} min", silent_s / 60));
    }
    if failures > 0 {
        warnings.push(format!("{failures} failure(s) so far"));
    }
    Health {
        is_stalled,
        silent_s,
        failures,
        warnings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::batch;

    #[test]
    fn only_a_silent_unfinished_batch_is_stalled() {
        let mut b = batch("b");
        let later = b.last_event_at.plus_secs(STALLED_SECS + 61);
        assert!(!of_batch(&b, &[], b.last_event_at.plus_secs(STALLED_SECS)).is_stalled);
        let health = of_batch(&b, &[], later);
        assert!(health.is_stalled);
        assert_eq!(health.warnings, ["no events for 6 min"]);
        b.status = BatchStatus::Failed;
        let health = of_batch(&b, &[], later);
        assert_eq!((health.is_stalled, health.failures), (false, 1));
    }
}
