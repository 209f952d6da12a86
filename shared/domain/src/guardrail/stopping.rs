//! A batch that was asked to stop and whose script never said that it did.

use super::Thresholds;
use crate::batch::Batch;
use crate::status::BatchStatus;
use crate::time::Timestamp;

/// Seconds given to a rerun that has not begun to report.
const NEVER_RAN_SECS: i64 = 120;

/// Whether a stop request counts as carried out: since it was made, or since the script was last
/// heard of, the time it is given went by in silence. A script that still reports is still at work.
pub fn assess(batch: &Batch, thresholds: &Thresholds, now: Timestamp) -> bool {
    let waits = match batch.status {
        BatchStatus::Stopping => true,
        BatchStatus::Stalled => batch.stop.is_some(),
        _ => false,
    };
    let asked = batch.stop.as_ref().map_or(batch.created_at, |stop| stop.at);
    let since = asked.max(batch.last_event_at);
    let grace = match never_ran(batch) {
        true => NEVER_RAN_SECS.min(thresholds.stop_grace_secs()),
        false => thresholds.stop_grace_secs(),
    };
    waits && now.secs() - since.secs() >= grace
}

/// A rerun whose script has not said a word: it was withdrawn, or ends before it begins.
fn never_ran(batch: &Batch) -> bool {
    batch.launch == 0 && batch.source_batch_id.is_some()
}

/// What becomes of a batch whose stop counts as carried out.
pub fn end_of(batch: &Batch) -> BatchStatus {
    match never_ran(batch) {
        true => BatchStatus::Cancelled,
        false => BatchStatus::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::StopRequest;
    use crate::testing::{START, batch};

    #[test]
    fn a_silent_script_gets_its_time_and_no_more() {
        use BatchStatus::*;
        for (status, asked, heard, minutes, stopped) in [
            (Stopping, Some(0), 0, 9, false),
            (Stopping, Some(0), 0, 10, true),
            (Stopping, Some(5), 0, 14, false),
            (Stopping, Some(0), 8, 17, false),
            (Stopping, Some(0), 8, 18, true),
            (Stopping, None, 0, 10, true),
            (Stalled, Some(0), 0, 10, true),
            (Stalled, None, 0, 99, false),
            (Running, Some(0), 0, 99, false),
            (Done, Some(0), 0, 99, false),
        ] {
            let mut batch = batch("b");
            batch.status = status;
            batch.last_event_at = START.plus_secs(heard * 60);
            batch.stop = asked.map(|minutes: i64| StopRequest {
                signalled_at: None,
                by: "alice".into(),
                at: START.plus_secs(minutes * 60),
                reason: None,
            });
            let now = START.plus_secs(minutes * 60);
            let found = assess(&batch, &Thresholds::default(), now);
            assert_eq!(found, stopped, "{status:?} {asked:?} {heard} {minutes}");
            assert_eq!(end_of(&batch), Stopped);
        }
    }

    #[test]
    fn a_rerun_that_never_reported_is_withdrawn_soon() {
        let mut batch = batch("rerun-1");
        batch.source_batch_id = Some("b".into());
        batch.launch = 0;
        batch.status = BatchStatus::Stopping;
        batch.last_event_at = START;
        let after = |secs| assess(&batch, &Thresholds::default(), START.plus_secs(secs));
        assert!(!after(119) && after(120));
        assert_eq!(end_of(&batch), BatchStatus::Cancelled);
    }
}
