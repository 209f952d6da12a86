//! Errors of SQLite and of the file system as S3 errors.

use std::io;

use rusqlite::ErrorCode;
use s3s::{S3Error, s3_error};

/// The words SQLite uses for a full disk; applications look for them.
const FULL: &str = "database or disk is full";

/// An SQLite error.
pub(crate) fn storage(error: rusqlite::Error) -> S3Error {
    tracing::error!(%error, "the S3 index failed");
    if error.sqlite_error_code() == Some(ErrorCode::DiskFull) {
        return s3_error!(InternalError, "{FULL}");
    }
    s3_error!(InternalError, "storage failed: {error}")
}

/// A file system error.
pub(crate) fn file(error: &io::Error) -> S3Error {
    tracing::error!(%error, "an S3 blob could not be read or written");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            s3_error!(InternalError, "{FULL}")
        }
        _ => s3_error!(InternalError, "storage failed: {error}"),
    }
}

/// A background task that panicked or was cancelled.
pub(crate) fn task(error: &tokio::task::JoinError) -> S3Error {
    s3_error!(InternalError, "storage failed: {error}")
}
