//! Files that survive: written whole or not at all, never replaced by nothing.
//!
//! A file is written beside itself, synced, renamed, and its folder synced. A file that cannot be
//! read as what it should be is set aside (`<name>.corrupt-<time>`) and the last good copy
//! (`<name>.good`) is taken instead. On a full disk the reserve file is given up, so that the one
//! program that could clean the disk can still remember what it did.

mod lines;
mod lock;

pub use lines::{append, replace_lines, rotate, rows};
pub use lock::{Lock, LockError};

use crate::time::Stamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Bytes kept back for a full disk.
const RESERVE: usize = 256 * 1024;

/// What became of reading a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Loaded<T> {
    /// Read as written.
    Good(T),
    /// There is none yet.
    Absent,
    /// Set aside as unreadable; the last good copy instead, if there is one.
    Recovered(Option<T>, PathBuf),
}

impl<T: Default> Loaded<T> {
    /// The value, or an empty one.
    pub fn or_default(self) -> T {
        match self {
            Self::Good(value) | Self::Recovered(Some(value), _) => value,
            Self::Absent | Self::Recovered(None, _) => T::default(),
        }
    }
}

/// Reads a JSON file. An error means that it is there and may not be read.
pub fn load<T: DeserializeOwned>(file: &Path) -> io::Result<Loaded<T>> {
    match fs::read(file) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Loaded::Good(value)),
            Err(_) => {
                let aside = set_aside(file);
                Ok(Loaded::Recovered(last_good(file), aside))
            }
        },
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            // A crash between the two renames of a write leaves only the copy.
            Ok(last_good(file).map_or(Loaded::Absent, Loaded::Good))
        }
        Err(cause) => Err(cause),
    }
}

fn last_good<T: DeserializeOwned>(file: &Path) -> Option<T> {
    let bytes = fs::read(beside(file, "good")).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn set_aside(file: &Path) -> PathBuf {
    let aside = beside(file, &format!("corrupt-{}", Stamp::now().0));
    let _ = fs::rename(file, &aside);
    aside
}

/// `<file>.<ending>`.
#[must_use]
pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Writes a JSON file, durable when this returns.
pub fn save<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    if fs::read(file).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    match write_whole(file, &bytes) {
        Err(cause) if is_full(&cause) && give_up_reserve(file) => write_whole(file, &bytes),
        other => other,
    }
}

fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = beside(file, "new");
    let folder = file.parent().unwrap_or(Path::new("/"));
    // Whatever a crash left there; never followed if it is a link.
    let _ = fs::remove_file(&fresh);
    let written = create(&fresh).and_then(|mut out| {
        out.write_all(bytes)?;
        out.sync_all()
    });
    if let Err(cause) = written {
        let _ = fs::remove_file(&fresh);
        return Err(cause);
    }
    // The old file becomes the copy only if it is whole; it was read and understood at start.
    if file.exists() {
        let good = beside(file, "good");
        let _ = fs::remove_file(&good);
        let _ = fs::hard_link(file, &good);
    }
    fs::rename(&fresh, file)?;
    File::open(folder)?.sync_all()
}

fn create(file: &Path) -> io::Result<File> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    give_to_owner(&made, file)?;
    Ok(made)
}

/// What root writes into somebody's folder (an answer to a question, say) belongs to that
/// somebody, or the service could not read it.
fn give_to_owner(made: &File, file: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let folder = fs::metadata(file.parent().unwrap_or(Path::new("/")))?;
    if folder.uid() == 0 {
        return Ok(());
    }
    std::os::unix::fs::fchown(made, Some(folder.uid()), Some(folder.gid()))
}

/// Whether the disk, or this user's share of it, is full.
#[must_use]
pub fn is_full(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Makes the folder of the state and the reserve in it.
pub fn prepare(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // Proves that the folder can be written before a cycle relies on it.
    let probe = folder.join(".writable");
    let _ = fs::remove_file(&probe);
    create(&probe)?;
    fs::remove_file(&probe)?;
    let reserve = folder.join("reserve");
    if !reserve.exists()
        && let Ok(mut file) = create(&reserve)
        && file.write_all(&[1; RESERVE]).is_err()
    {
        let _ = fs::remove_file(&reserve);
    }
    Ok(())
}

/// Frees the reserve beside or above `file`; says whether there was one.
pub(crate) fn give_up_reserve(file: &Path) -> bool {
    // The log's folder lies below the one that has the reserve.
    let mut folders = file.ancestors().skip(1).take(2);
    folders.any(|folder| fs::remove_file(folder.join("reserve")).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_gives_way_to_its_last_good_copy() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.json");
        assert_eq!(load::<Vec<u32>>(&file).expect("none"), Loaded::Absent);
        save(&file, &vec![1]).expect("write");
        save(&file, &vec![1, 2]).expect("write");
        fs::write(&file, "[1, 2").expect("break");
        let Loaded::Recovered(found, aside) = load::<Vec<u32>>(&file).expect("read") else {
            panic!("taken for good");
        };
        assert_eq!(found, Some(vec![1]));
        assert_eq!(fs::read_to_string(aside).expect("kept"), "[1, 2");
        let after: Loaded<Vec<u32>> = load(&file).expect("read");
        assert_eq!(after, Loaded::Good(vec![1]), "and again after a restart");
    }
}
