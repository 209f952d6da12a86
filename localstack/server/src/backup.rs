//! A copy of a data directory in one file, made while a server works on it.
//!
//! Rows name objects, objects lie in files of their own, and both change meanwhile. So the index
//! of objects is copied before and after the table, and its files are held by second names: every
//! row in the copy then finds its object, though some objects may lack a row.

use crate::archive::{ArchiveError, Maker};
use crate::bar::Bar;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Kind of the archives.
pub const KIND: &str = "backup";
/// The database of the table.
pub const TABLE: &str = "dynamodb.sqlite";
/// The index of objects.
pub const OBJECTS: &str = "s3.sqlite";
/// Bytes of objects.
pub const BLOBS: &str = "blobs";
/// Small files that belong to it.
pub const BESIDE: [&str; 2] = ["secrets.json", "format"];

/// Why no backup was made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("{0} is no data directory of argus-local")]
    NoData(PathBuf),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A database.
    #[error("{0}: {1}")]
    Database(PathBuf, rusqlite::Error),
}

/// A directory that goes when it is no longer needed.
struct Workspace(PathBuf);

impl Drop for Workspace {
    fn drop(&mut self) {
        // What stays is hidden, and the next backup begins elsewhere.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies the data directory `data` into the new file `target`; returns its bytes. Blocks.
pub fn make(data: &Path, target: &Path) -> Result<u64, BackupError> {
    if !data.join(TABLE).exists() || !data.join(OBJECTS).exists() {
        return Err(BackupError::NoData(data.to_owned()));
    }
    let name = format!(".backup-{}-{:08x}", std::process::id(), stamp());
    let space = Workspace(data.join(name));
    let own = &space.0;
    fs::create_dir_all(own.join(BLOBS)).map_err(|e| BackupError::File(own.clone(), e))?;
    let before = own.join("before.sqlite");
    copy(&data.join(OBJECTS), &before)?;
    hold(data, own, &before)?;
    copy(&data.join(TABLE), &own.join(TABLE))?;
    let after = own.join(OBJECTS);
    copy(&data.join(OBJECTS), &after)?;
    hold(data, own, &after)?;
    merge(own, &before, &after)?;
    fs::remove_file(&before).map_err(|e| BackupError::File(before.clone(), e))?;
    for name in BESIDE {
        match fs::copy(data.join(name), own.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(BackupError::File(data.join(name), e));
            }
            _ => {}
        }
    }
    pack(own, target)
}

fn stamp() -> u32 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.subsec_nanos())
}

fn open(path: &Path) -> Result<Connection, BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(|e| BackupError::Database(path.to_owned(), e))?;
    let patience = connection.busy_timeout(std::time::Duration::from_secs(30));
    patience.map_err(|e| BackupError::Database(path.to_owned(), e))?;
    Ok(connection)
}

/// Copies a database as it is at one moment; whoever writes it goes on.
fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let target = to.display().to_string();
    let copied = open(from)?.execute("VACUUM INTO ?1", [target]);
    copied.map_err(|e| BackupError::Database(from.to_owned(), e))?;
    Ok(())
}

/// Gives every file of an index a second name in `own`, which it keeps when the first one goes.
fn hold(data: &Path, own: &Path, index: &Path) -> Result<(), BackupError> {
    for name in blobs(index)? {
        let place = PathBuf::from(BLOBS).join(&name[..2]).join(&name);
        let (from, to) = (data.join(&place), own.join(&place));
        let shelf = own.join(BLOBS).join(&name[..2]);
        fs::create_dir_all(&shelf).map_err(|e| BackupError::File(shelf.clone(), e))?;
        match fs::hard_link(&from, &to) {
            Ok(()) => {}
            // Held already, or deleted since the index was copied.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(BackupError::File(from, e)),
        }
    }
    Ok(())
}

fn blobs(index: &Path) -> Result<Vec<String>, BackupError> {
    let failed = |e| BackupError::Database(index.to_owned(), e);
    let connection = open(index)?;
    let mut statement = connection
        .prepare("SELECT blob FROM object")
        .map_err(failed)?;
    let names = statement.query_map([], |row| row.get(0)).map_err(failed)?;
    let names: Vec<String> = names.collect::<Result<_, _>>().map_err(failed)?;
    Ok(names.into_iter().filter(|name| name.len() > 2).collect())
}

/// Adds to the later index what was deleted in between, as rows of the table may still name it,
/// and takes away what has no file.
fn merge(own: &Path, before: &Path, after: &Path) -> Result<(), BackupError> {
    let failed = |e| BackupError::Database(after.to_owned(), e);
    let connection = open(after)?;
    connection
        .execute("ATTACH ?1 AS earlier", [before.display().to_string()])
        .map_err(failed)?;
    connection
        .execute_batch(
            "INSERT OR IGNORE INTO object SELECT * FROM earlier.object;
             DELETE FROM part; DELETE FROM upload; DETACH earlier;",
        )
        .map_err(failed)?;
    for name in blobs(after)? {
        if !own.join(BLOBS).join(&name[..2]).join(&name).exists() {
            connection
                .execute("DELETE FROM object WHERE blob = ?1", [&name])
                .map_err(failed)?;
        }
    }
    Ok(())
}

fn pack(own: &Path, target: &Path) -> Result<u64, BackupError> {
    let mut files = vec![(TABLE.to_owned(), true), (OBJECTS.to_owned(), true)];
    files.extend(BESIDE.map(|name| (name.to_owned(), true)));
    let mut names = blobs(&own.join(OBJECTS))?;
    names.sort();
    names.dedup();
    let place = |name: String| (format!("{BLOBS}/{}/{name}", &name[..2]), false);
    files.extend(names.into_iter().map(place));
    files.retain(|(name, _)| own.join(name).exists());
    let size = |name: &String| fs::metadata(own.join(name)).map_or(0, |meta| meta.len());
    let total = files.iter().map(|(name, _)| size(name)).sum();
    let mut bar = Bar::new("backup", total);
    let mut maker = Maker::new(target, KIND)?;
    for (name, packed) in files {
        maker.file(&name, &own.join(&name), packed, &mut |bytes| bar.add(bytes))?;
    }
    Ok(maker.finish()?)
}
