//! A rerun that waits for an agent.

use crate::batch::Batch;
use crate::limits::COMMAND_TTL_SECS;
use crate::status::BatchStatus;
use crate::time::Timestamp;

/// Why such a batch ended.
pub const NOBODY: &str = "no agent took it up in time";

/// Whether nobody takes it any more: its command has expired.
pub fn is_expired(batch: &Batch, now: Timestamp) -> bool {
    batch.status == BatchStatus::Requested
        && now.secs() - batch.created_at.secs() >= COMMAND_TTL_SECS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, batch};

    #[test]
    fn only_what_waits_expires() {
        let mut batch = batch("rerun-1");
        batch.created_at = START;
        let end = START.plus_secs(COMMAND_TTL_SECS);
        assert!(!is_expired(&batch, end));
        batch.status = BatchStatus::Requested;
        assert!(!is_expired(&batch, end.plus_secs(-1)));
        assert!(is_expired(&batch, end));
    }
}
