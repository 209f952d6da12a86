//! Small kernel files, read whole and bounded.

use crate::{Probe, ProbeError};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest kernel file that is read; what is longer is cut.
const MOST: u64 = 4 * 1024 * 1024;

/// Reads `path` below the root.
pub(crate) fn text(probe: &Probe, path: &str) -> Result<String, ProbeError> {
    let full = probe.path(path);
    bytes(&full)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|cause| ProbeError::Read { path: full, cause })
}

/// The same where absence is an answer.
pub(crate) fn text_if_there(probe: &Probe, path: &str) -> Option<String> {
    text(probe, path).ok()
}

/// The bytes of one file, at most [`MOST`].
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    // No `metadata` first: kernel files say they are empty, and one system call less is much
    // when a thousand of them are read.
    let mut file = File::open(path)?;
    let mut found = vec![0_u8; 1024];
    let mut filled = 0;
    loop {
        let read = match file.read(&mut found[filled..]) {
            Ok(read) => read,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        if read == 0 || filled as u64 > MOST {
            found.truncate(filled);
            return Ok(found);
        }
        filled += read;
        if filled == found.len() {
            found.resize(found.len() * 4, 0);
        }
    }
}

/// A whole number that is all the file holds.
pub(crate) fn number(probe: &Probe, path: &str) -> Option<u64> {
    text_if_there(probe, path)?.trim().parse().ok()
}

/// The error for a file that lacks something.
pub(crate) fn format(probe: &Probe, path: &str, what: &'static str) -> ProbeError {
    ProbeError::Format {
        path: probe.path(path),
        what,
    }
}
