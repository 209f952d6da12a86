//! Opening a data directory, and saying precisely why it could not be opened.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use dynoxide::{Database, DynoxideError};
use rusqlite::ErrorCode;

/// Where an engine keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Nowhere: everything is gone with the engine.
    Memory,
    /// In this directory, created when missing; the file is `dynamodb.sqlite`.
    Dir(PathBuf),
}

/// Why an engine could not be opened. Nothing was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or the file in it cannot be created or written.
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

/// The files of one engine on disk, held for as long as the value lives.
#[derive(Debug)]
pub(crate) struct Files {
    /// The database file.
    pub database: PathBuf,
    /// Locked; another engine refuses the directory while it is.
    lock: File,
}

impl Files {
    /// Creates `directory` when missing and locks it.
    pub fn claim(directory: &Path) -> Result<Self, OpenError> {
        let unwritable = |path: &Path, error: std::io::Error| OpenError::Unwritable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(directory).map_err(|error| unwritable(directory, error))?;
        let path = directory.join("dynamodb.lock");
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unwritable(&path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                database: directory.join("dynamodb.sqlite"),
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: directory.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(unwritable(&path, error)),
        }
    }

    /// Lets another engine have the directory.
    pub fn release(&self) {
        // Closing the file releases the lock as well, only later.
        let _ = self.lock.unlock();
    }

    /// Makes the names of the files durable.
    pub fn sync_directory(&self) -> Result<(), OpenError> {
        let directory = self.database.parent().unwrap_or(Path::new("."));
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| OpenError::Unwritable {
                path: directory.to_owned(),
                reason: error.to_string(),
            })
    }

    /// The write-ahead log beside the database.
    pub fn wal(&self) -> PathBuf {
        let mut name = self.database.clone().into_os_string();
        name.push("-wal");
        PathBuf::from(name)
    }
}

/// Opens one handle on `path`.
pub(crate) fn database(path: &Path) -> Result<Database, OpenError> {
    let text = path.to_str().ok_or_else(|| OpenError::Unwritable {
        path: path.to_owned(),
        reason: "the path is not UTF-8".to_owned(),
    })?;
    Database::new(text).map_err(|error| classify(path, &error))
}

fn classify(path: &Path, error: &DynoxideError) -> OpenError {
    let path = path.to_owned();
    let reason = error.to_string();
    let code = match error {
        DynoxideError::SqliteError(error) => error.sqlite_error_code(),
        _ => None,
    };
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
        _ if reason.contains("written by a newer version") => OpenError::Newer { path },
        // dynoxide turns SQLite's "not a database" into an internal error of its own.
        _ if reason.contains("not a valid SQLite database") => {
            let reason = "it is not an SQLite database".to_owned();
            OpenError::Corrupted { path, reason }
        }
        _ => OpenError::Start(reason),
    }
}
