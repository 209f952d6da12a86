//! Data directories: one owner at a time, and precise words about why one cannot be used.

mod error;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

pub use error::{OpenError, classify, unwritable};

/// Where an engine keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Nowhere: everything is gone with the engine, and nothing is forced to disk.
    Memory,
    /// In this directory, created when missing.
    Dir(PathBuf),
}

/// A directory held for as long as the value lives; the system lets go of it with the process,
/// however that ends.
#[derive(Debug)]
pub struct Claim {
    directory: PathBuf,
    lock: File,
}

impl Claim {
    /// Creates `directory` when missing and locks the file `lock` in it.
    ///
    /// # Errors
    /// [`OpenError::Unwritable`], or [`OpenError::InUse`] while another claim holds it.
    pub fn take(directory: &Path, lock: &str) -> Result<Self, OpenError> {
        std::fs::create_dir_all(directory).map_err(|error| unwritable(directory, &error))?;
        let path = directory.join(lock);
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unwritable(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                directory: directory.to_owned(),
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: directory.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(unwritable(&path, &error)),
        }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Lets another claim have the directory, before this value goes.
    pub fn release(&self) {
        // Closing the file releases the lock as well, only later.
        let _ = self.lock.unlock();
    }

    /// Makes the names of the files in it durable.
    ///
    /// # Errors
    /// [`OpenError::Unwritable`].
    pub fn sync(&self) -> Result<(), OpenError> {
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| unwritable(&self.directory, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_owner_at_a_time() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("data");
        let first = Claim::take(&path, "lock").expect("free");
        let second = Claim::take(&path, "lock");
        assert!(matches!(second, Err(OpenError::InUse { .. })));
        first.release();
        Claim::take(&path, "lock").expect("free again");
    }

    #[test]
    fn a_file_is_no_directory() {
        let file = tempfile::NamedTempFile::new().expect("temp file");
        let refused = Claim::take(file.path(), "lock");
        assert!(matches!(refused, Err(OpenError::Unwritable { .. })));
    }
}
