//! Why a directory or the database in it cannot be used.

use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// Why an engine could not be opened. Nothing stored was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or a file in it cannot be created or written.
    #[error("{} cannot be written: {reason}", path.display())]
    Unwritable {
        /// What could not be written.
        path: PathBuf,
        /// The operating system's or SQLite's words.
        reason: String,
    },
    /// Another engine, here or in another process, has the directory open.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A newer version wrote the file; this one would damage it.
    #[error("{} was written by a newer version", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
    },
    /// The file is not a database, or a damaged one; restore a backup.
    #[error("{} is damaged: {reason}", path.display())]
    Corrupted {
        /// The database file.
        path: PathBuf,
        /// What SQLite found.
        reason: String,
    },
    /// Anything else, a thread that could not be started for example.
    #[error("the engine could not be started: {0}")]
    Start(String),
}

/// An operating system error about `path`.
pub fn unwritable(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Unwritable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// An SQLite error while opening `path`: its code, if it has one, and its words.
pub fn classify(path: &Path, code: Option<ErrorCode>, reason: String) -> OpenError {
    let path = path.to_owned();
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Corrupted { path, reason }
        }
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure,
        ) => OpenError::Unwritable { path, reason },
        _ => OpenError::Start(reason),
    }
}
