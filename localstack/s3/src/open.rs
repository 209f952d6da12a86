//! Opening a data directory, and saying precisely why it could not be opened.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Where an engine keeps its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a temporary directory that goes away with the engine; nothing is forced to disk.
    Memory,
    /// In this directory, created when missing: `s3.sqlite` and `blobs/`.
    Dir(PathBuf),
}

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

/// The directory of one engine, held for as long as the value lives.
#[derive(Debug)]
pub(crate) struct Home {
    /// Holds `s3.sqlite` and `blobs/`.
    pub directory: PathBuf,
    /// `None` for a temporary directory, which is removed on drop.
    lock: Option<File>,
}

impl Home {
    pub fn claim(location: &Location) -> Result<Self, OpenError> {
        match location {
            Location::Memory => {
                let name = format!("argus-s3-{}-{}", std::process::id(), crate::blobs::random());
                let directory = std::env::temp_dir().join(name);
                create(&directory)?;
                let lock = None;
                Ok(Self { directory, lock })
            }
            Location::Dir(directory) => {
                create(directory)?;
                let lock = Some(lock(directory)?);
                let directory = directory.clone();
                Ok(Self { directory, lock })
            }
        }
    }

    /// Lets another engine have the directory.
    pub fn release(&self) {
        if let Some(lock) = &self.lock {
            // Closing the file releases the lock as well, only later.
            let _ = lock.unlock();
        }
    }

    pub fn is_temporary(&self) -> bool {
        self.lock.is_none()
    }

    pub fn database(&self) -> PathBuf {
        self.directory.join("s3.sqlite")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_temporary() {
            // What is left lies in the system's temporary directory anyway.
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

fn create(directory: &Path) -> Result<(), OpenError> {
    std::fs::create_dir_all(directory).map_err(|error| unwritable(directory, &error))
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join("s3.lock");
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| unwritable(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: directory.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(unwritable(&path, &error)),
    }
}

/// An operating system error about `path`.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Unwritable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// An SQLite error while opening `path`.
pub(crate) fn classify(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    let reason = error.to_string();
    match error.sqlite_error_code() {
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
