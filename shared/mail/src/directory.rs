//! Delivery without a mail server: files that any mail program opens.

use crate::error::SendError;
use lettre::Message;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a message to `<id>.eml`. The file is complete or absent, and the same message written
/// again replaces itself.
pub fn write(directory: &Path, id: u64, message: &Message) -> Result<(), SendError> {
    let file = directory.join(format!("{id}.eml"));
    write_whole(&file, &message.formatted())
        .map_err(|e| SendError::passing(format!("{}: {e}", file.display())))
}

/// Writes a small private file so that a crash leaves the old one or the new one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}
