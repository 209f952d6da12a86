//! Events the server will never take: kept beside the spools, where people can look at them.

use serde_json::value::RawValue;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file grows to this size; what comes then replaces it.
const LARGEST: u64 = 10 * 1024 * 1024;

/// Appends refused events with their reasons to `<dir>/refused.jsonl`; says where that is.
///
/// # Errors
/// Those of the file system.
pub fn keep_aside<'a>(
    dir: &Path,
    refused: impl Iterator<Item = (&'a [u8], &'a str)>,
) -> io::Result<PathBuf> {
    let path = dir.join("refused.jsonl");
    if fs::metadata(&path).is_ok_and(|meta| meta.len() > LARGEST) {
        fs::rename(&path, dir.join("refused.old.jsonl"))?;
    }
    let mut text = Vec::new();
    for (event, reason) in refused {
        let reason = serde_json::to_string(reason)?;
        let event = serde_json::from_slice::<&RawValue>(event);
        let event = event.map_or("null", RawValue::get);
        writeln!(text, "{{\"reason\":{reason},\"event\":{event}}}")?;
    }
    let mut file = File::options().append(true).create(true).open(&path)?;
    file.write_all(&text)?;
    Ok(path)
}
