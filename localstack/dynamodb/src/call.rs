//! One request on its way to a thread, and the handle a thread runs it on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use dynoxide::Database;
use tokio::sync::oneshot;

use crate::dispatch::{Reply, dispatch};

/// A request with the way back to whoever waits for its answer.
pub(crate) struct Call {
    /// The DynamoDB operation, for example `PutItem`.
    pub operation: String,
    /// Its JSON input.
    pub body: Bytes,
    /// Dropped without an answer only if the thread dies; the caller then answers 500.
    pub reply: oneshot::Sender<Reply>,
}

/// What became of a call on a handle.
pub(crate) enum Outcome {
    /// The database answered, with success or an error of its own.
    Answered(Reply),
    /// An earlier panic left the handle unusable; nothing was done.
    Poisoned,
    /// This call panicked; whatever it had begun was not committed.
    Panicked,
}

/// Runs a call so that a panic in the database costs one answer, never the thread.
pub(crate) fn run(db: &Database, operation: &str, body: &[u8]) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| dispatch(db, operation, body))) {
        Ok(reply) if reply.is_poisoned() => Outcome::Poisoned,
        Ok(reply) => Outcome::Answered(reply),
        Err(_) => {
            tracing::error!(operation, "the embedded DynamoDB engine panicked");
            Outcome::Panicked
        }
    }
}
