//! A consistent copy of the database while it is in use.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::Ordering;

use rusqlite::{Connection, OpenFlags};

use crate::{Engine, EngineError};

impl Engine {
    /// Writes a compact copy to the new file `path`; an incomplete copy never has that name.
    ///
    /// Blocks for seconds on a large database (call it from a blocking thread), on a connection
    /// of its own, so that reads and writes go on.
    ///
    /// # Errors
    /// [`EngineError::Closed`] after [`Engine::close`], [`EngineError::Io`] if `path` exists or cannot be written, [`EngineError::Storage`] if
    /// SQLite failed.
    pub fn backup_to(&self, path: &Path) -> Result<(), EngineError> {
        if self.inner.shared.stop_writing.load(Ordering::Acquire) {
            return Err(EngineError::Closed);
        }
        if path.exists() {
            return Err(EngineError::Io(ErrorKind::AlreadyExists.into()));
        }
        let mut partial = path.to_owned().into_os_string();
        partial.push(".partial");
        let partial = Path::new(&partial);
        match std::fs::remove_file(partial) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(EngineError::Io(error));
            }
            _ => {}
        }
        self.copy_into(partial)?;
        File::open(partial)?.sync_all()?;
        std::fs::rename(partial, path)?;
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }

    fn copy_into(&self, target: &Path) -> Result<(), EngineError> {
        let storage = |error: &dyn std::error::Error| EngineError::Storage(error.to_string());
        let text = target
            .to_str()
            .ok_or(EngineError::Io(ErrorKind::InvalidFilename.into()))?;
        if let Some(memory) = &self.inner.memory {
            return memory.vacuum_into(text).map_err(|error| storage(&error));
        }
        let Some(files) = &self.inner.files else {
            return Err(EngineError::Closed);
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&files.database, flags).map_err(|error| storage(&error))?;
        connection
            .execute("VACUUM INTO ?1", [text])
            .map_err(|error| storage(&error))?;
        Ok(())
    }
}
