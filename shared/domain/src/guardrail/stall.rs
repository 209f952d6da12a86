//! A batch that went silent.

use super::Thresholds;
use crate::batch::Batch;
use crate::status::BatchStatus;
use crate::time::Timestamp;

/// How long a batch has been silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// When it was last heard of: its newest event of any kind, else its beginning.
    pub since: Timestamp,
    /// Seconds from then on.
    pub secs: i64,
}

/// `Some` when `batch` should report and does not.
pub fn assess(batch: &Batch, thresholds: &Thresholds, now: Timestamp) -> Option<Silence> {
    if !matches!(batch.status, BatchStatus::Running | BatchStatus::Stopping) {
        return None;
    }
    let since = batch.last_event_at.max(batch.created_at);
    let secs = now.secs() - since.secs();
    (secs >= thresholds.stall_secs()).then_some(Silence { since, secs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, batch};

    #[test]
    fn only_what_should_report_can_be_silent() {
        use BatchStatus::*;
        let thresholds = Thresholds::default();
        for (status, minutes, stalled) in [
            (Running, 14, false),
            (Running, 15, true),
            (Running, -5, false),
            (Stopping, 15, true),
            (Stalled, 99, false),
            (Divergent, 99, false),
            (Requested, 99, false),
            (Done, 99, false),
            (Stopped, 99, false),
        ] {
            let mut batch = batch("b");
            batch.status = status;
            let found = assess(&batch, &thresholds, START.plus_secs(minutes * 60));
            assert_eq!(found.is_some(), stalled, "{status:?} {minutes}");
        }
    }

    #[test]
    fn any_sign_of_life_counts() {
        let mut batch = batch("b");
        batch.last_event_at = START.plus_secs(600);
        let now = START.plus_secs(1499);
        assert_eq!(assess(&batch, &Thresholds::default(), now), None);
        let found = assess(&batch, &Thresholds::default(), now.plus_secs(1));
        let silence = found.expect("silent");
        assert_eq!((silence.since, silence.secs), (batch.last_event_at, 900));
    }
}
