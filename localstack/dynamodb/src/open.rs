//! The files of one engine, and opening the database in them.

use std::path::{Path, PathBuf};

use directory::{Claim, OpenError, classify};
use dynoxide::{Database, DynoxideError};

/// The files of one engine on disk, held for as long as the value lives.
#[derive(Debug)]
pub(crate) struct Files {
    /// The database file, `dynamodb.sqlite`.
    pub database: PathBuf,
    claim: Claim,
}

impl Files {
    /// Creates `directory` when missing and locks it.
    pub fn claim(directory: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            database: directory.join("dynamodb.sqlite"),
            claim: Claim::take(directory, "dynamodb.lock")?,
        })
    }

    /// Lets another engine have the directory.
    pub fn release(&self) {
        self.claim.release();
    }

    /// Makes the names of the files durable.
    pub fn sync_directory(&self) -> Result<(), OpenError> {
        self.claim.sync()
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
    Database::new(text).map_err(|error| explain(path, &error))
}

fn explain(path: &Path, error: &DynoxideError) -> OpenError {
    let reason = error.to_string();
    let code = match error {
        DynoxideError::SqliteError(error) => error.sqlite_error_code(),
        _ => None,
    };
    let path = path.to_owned();
    if code.is_none() && reason.contains("written by a newer version") {
        return OpenError::Newer { path };
    }
    // dynoxide turns SQLite's "not a database" into an internal error of its own.
    if code.is_none() && reason.contains("not a valid SQLite database") {
        let reason = "it is not an SQLite database".to_owned();
        return OpenError::Corrupted { path, reason };
    }
    classify(&path, code, reason)
}
