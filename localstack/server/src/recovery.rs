//! A data directory made from a backup.

use crate::archive::{ArchiveError, Reader};
use crate::backup::{BESIDE, BLOBS, KIND, OBJECTS, TABLE};
use crate::bar::Bar;
use crate::data_dir::{DataDir, DataDirError};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where the archive is unpacked before anything is replaced.
const UNPACKED: &str = ".restoring";
/// Where what was there before is kept.
const REPLACED: &str = "replaced";

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Something is there already.
    #[error("{0} is not empty; give an empty directory, or --force to set aside what is in it")]
    NotEmpty(PathBuf),
    /// A name that does not belong into a data directory.
    #[error("the archive holds {0}, which is no part of a data directory")]
    Foreign(String),
    /// The directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
}

/// Whether an entry may stand in a data directory.
fn belongs(name: &str) -> bool {
    if [TABLE, OBJECTS].contains(&name) || BESIDE.contains(&name) {
        return true;
    }
    let parts: Vec<&str> = name.split('/').collect();
    let hex =
        |text: &str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
    matches!(parts[..], [BLOBS, shelf, file] if hex(shelf, 2) && hex(file, 32))
}

/// Unpacks the backup `from` into the data directory `to`. Nothing is replaced before the whole
/// archive was compared with its checksums; what was there is moved into a directory of its own.
/// Returns where that is.
pub fn restore(from: &Path, to: &Path, force: bool) -> Result<Option<PathBuf>, RestoreError> {
    let mut reader = Reader::open(from, KIND)?;
    let names: Vec<String> = reader.manifest.entries.keys().cloned().collect();
    if let Some(foreign) = names.iter().find(|name| !belongs(name)) {
        return Err(RestoreError::Foreign(foreign.clone()));
    }
    let file = |path: &Path| {
        let path = path.to_owned();
        move |e| RestoreError::File(path.clone(), e)
    };
    if !force && holds_data(to).map_err(file(to))? {
        return Err(RestoreError::NotEmpty(to.to_owned()));
    }
    // Nobody else works on it from here on.
    let dir = DataDir::open(to)?;
    let unpacked = to.join(UNPACKED);
    match fs::remove_dir_all(&unpacked) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(file(&unpacked)(e)),
        _ => {}
    }
    let total = reader.manifest.entries.values().map(|e| e.bytes).sum();
    let mut bar = Bar::new("restore", total);
    for name in &names {
        let path = unpacked.join(name);
        let parent = path.parent().unwrap_or(&unpacked);
        fs::create_dir_all(parent).map_err(file(parent))?;
        let mut out = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(file(&path))?;
        reader.entry(name, |bytes| {
            bar.add(bytes.len() as u64);
            out.write_all(bytes)
        })?;
        out.sync_all().map_err(file(&path))?;
    }
    drop(bar);
    let aside = set_aside(to).map_err(file(to))?;
    for entry in fs::read_dir(&unpacked).map_err(file(&unpacked))? {
        let entry = entry.map_err(file(&unpacked))?;
        let place = to.join(entry.file_name());
        fs::rename(entry.path(), &place).map_err(file(&place))?;
    }
    fs::remove_dir(&unpacked).map_err(file(&unpacked))?;
    File::open(to)
        .and_then(|d| d.sync_all())
        .map_err(file(to))?;
    drop(dir);
    Ok(aside)
}

/// Whether there is anything but the traces of a try before.
fn holds_data(dir: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let name = entry?.file_name();
        let traces = [UNPACKED, "lock", "format"];
        if !traces.iter().any(|trace| name == *trace) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Moves what a data directory holds out of the way, except the backups.
fn set_aside(dir: &Path) -> io::Result<Option<PathBuf>> {
    let mut number = 1;
    let aside = loop {
        let path = dir.join(format!("{REPLACED}-{number}"));
        if !path.exists() {
            break path;
        }
        number += 1;
    };
    let mut moved = false;
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let ours = [TABLE, OBJECTS].iter().any(|file| text.starts_with(file));
        if ours || text == BLOBS || BESIDE.contains(&&*text) {
            fs::create_dir_all(&aside)?;
            fs::rename(dir.join(&name), aside.join(&name))?;
            moved |= text != "format";
        }
    }
    if !moved && aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    Ok(moved.then_some(aside))
}
