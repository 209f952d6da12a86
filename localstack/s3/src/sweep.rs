//! Tidying up at start: uploads nobody finished and blobs nobody refers to.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::{Connection, params};

use crate::blobs::Blobs;
use crate::rows::now;
use crate::schema::connect;
use directory::OpenError;

/// Milliseconds after which an unfinished upload is given up.
const STALE: i64 = 7 * 24 * 3600 * 1000;

/// Forgets stale uploads and removes blobs of earlier runs without an object; returns how many
/// blobs went. Blobs of this run are left alone, so it may work beside the engine.
pub(crate) fn sweep(database: &Path, blobs: &Blobs) -> Result<usize, OpenError> {
    let connection = connect(database)?;
    let failed = |error: &dyn std::error::Error| OpenError::Start(error.to_string());
    // First the files, then the references: a blob cannot become referred to later.
    let older = blobs.older().map_err(|error| failed(&error))?;
    let used = used(&connection).map_err(|error| failed(&error))?;
    let mut removed = 0;
    for name in older.iter().filter(|name| !used.contains(*name)) {
        blobs.remove(name);
        removed += 1;
    }
    Ok(removed)
}

fn used(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    let stale = now() - STALE;
    connection.execute(
        "DELETE FROM part WHERE upload IN (SELECT id FROM upload WHERE started < ?1)",
        params![stale],
    )?;
    connection.execute("DELETE FROM upload WHERE started < ?1", params![stale])?;
    let mut statement =
        connection.prepare("SELECT blob FROM object UNION ALL SELECT blob FROM part")?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}
