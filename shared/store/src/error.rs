//! What can go wrong below: five answers a caller can act on.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Failure of a storage operation.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold: somebody else was faster, or the thing exists already.
    #[error("conflict")]
    Conflict,
    /// A transaction's condition number `.0` did not hold.
    #[error("condition {0} of a transaction did not hold")]
    ConditionAt(usize),
    /// Throttled, timed out or unreachable: the same call may work in a moment.
    #[error("storage is busy: {0}")]
    Busy(String),
    /// No space left below.
    #[error("storage is full")]
    Full,
    /// A stored item does not read back; never the caller's fault.
    #[error("stored item is corrupt: {0}")]
    Corrupt(String),
    /// Anything else: misconfiguration, missing permission.
    #[error("storage failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// Whether trying again soon can help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Conflict | Self::Busy(_))
    }
}

/// Classifies an SDK error by its code; transport errors count as busy.
pub(crate) fn classify<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let SdkError::ServiceError(service) = &error else {
        return StoreError::Busy(root_cause(&error));
    };
    let meta = service.err().meta();
    let message = meta.message().unwrap_or_default().to_owned();
    if message.contains("disk is full") {
        return StoreError::Full;
    }
    match meta.code().unwrap_or_default() {
        "ConditionalCheckFailedException" => StoreError::Conflict,
        "TransactionConflictException" => StoreError::Busy("transaction conflict".into()),
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "TransactionInProgressException"
        | "InternalServerError"
        | "InternalError"
        | "SlowDown"
        | "ServiceUnavailable" => StoreError::Busy(message),
        code => StoreError::Failed(format!("{code}: {message}")),
    }
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
