//! What an agent's word does to the batch of its run.

use domain::batch::Batch;
use domain::command::Command;
use domain::notice::{Notice, NoticeKind};
use domain::status::BatchStatus;
use domain::time::{ClientTime, Timestamp};
use runtime::Services;
use serde_json::Value;
use store::batches::failures_write;
use store::commands::command_writes;
use store::notices::notice_write;
use store::{StoreError, Versioned};
use web::{ApiResult, change};

/// What viewers are told: event and data.
pub type Said = (&'static str, Value);

/// Ends a batch, as its agent saw it. A script that said so itself is believed: what has ended
/// stays as it is.
pub fn end(batch: &mut Batch, status: BatchStatus, error: Option<String>, now: Timestamp) {
    batch.status = status;
    batch.end_time = Some(ClientTime::server(now));
    batch.error = error;
}

/// Stores a changed command, with its batch where that changed too; false when somebody else was
/// faster with either.
pub async fn save(
    services: &Services,
    (command, rev): (&Command, u64),
    batch: Option<(&Versioned<Batch>, &Batch, Said)>,
    now: Timestamp,
) -> ApiResult<bool> {
    let store = &services.store;
    let Some((before, after, (event, data))) = batch else {
        return Ok(settled(store.save_command(command, rev, now).await)?);
    };
    let mut also = command_writes(command, Some(rev), now)?;
    also.extend(failures_write(after));
    let kind = match after.status {
        status if status == before.value.status => None,
        BatchStatus::Done => Some(NoticeKind::BatchDone),
        BatchStatus::Failed => Some(NoticeKind::BatchFailed),
        BatchStatus::Stopped => Some(NoticeKind::BatchStopped),
        _ => None,
    };
    if let Some(kind) = kind.filter(|_| after.deleted_at.is_none()) {
        let notice = Notice::of_batch(kind, after, now);
        also.push(notice_write(store.row_ids.take(now, 1), &notice, None)?);
    }
    change::save(services, after, before.rev, (event, &data), also, now).await
}

/// Whether a write came to something; who lost a race has nothing to add.
pub fn settled(outcome: Result<(), StoreError>) -> Result<bool, StoreError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(StoreError::ConditionAt(_) | StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
