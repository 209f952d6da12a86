//! The tables of names and metadata, and connections to them.
//!
//! Keys are stored as bytes: S3 orders by UTF-8 bytes, and listing needs the successor of a
//! prefix, which need not be text.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use directory::{OpenError, classify};

/// Raised with every change of the tables; a file with a higher number is refused.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE bucket (
        name TEXT PRIMARY KEY,
        created INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE object (
        bucket TEXT NOT NULL,
        key BLOB NOT NULL,
        blob TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        modified INTEGER NOT NULL,
        attributes TEXT NOT NULL,
        PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID;
    CREATE TABLE upload (
        id TEXT PRIMARY KEY,
        bucket TEXT NOT NULL,
        key BLOB NOT NULL,
        started INTEGER NOT NULL,
        attributes TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX upload_of_key ON upload (bucket, key, id);
    CREATE TABLE part (
        upload TEXT NOT NULL,
        number INTEGER NOT NULL,
        blob TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        modified INTEGER NOT NULL,
        checksums TEXT NOT NULL,
        PRIMARY KEY (upload, number)
    ) WITHOUT ROWID;
";

/// A connection that commits without forcing anything to disk; whoever writes syncs the log.
pub(crate) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    };
    open().map_err(|error| explain(path, &error))
}

/// A connection whose tables exist only in memory.
pub(crate) fn connect_memory() -> Result<Connection, OpenError> {
    Connection::open_in_memory().map_err(|error| OpenError::Start(error.to_string()))
}

/// Creates the tables in a new file, or refuses a file of a newer version.
pub(crate) fn prepare(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let prepare = || -> rusqlite::Result<i64> {
        let version =
            connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?;
        if version == 0 {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"
            ))?;
        }
        Ok(version)
    };
    match prepare() {
        Ok(version) if version > VERSION => Err(OpenError::Newer {
            path: path.to_owned(),
        }),
        Ok(_) => Ok(()),
        Err(error) => Err(explain(path, &error)),
    }
}

fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    classify(path, error.sqlite_error_code(), error.to_string())
}
