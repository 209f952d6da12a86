//! Finding files.

use crate::fault::Fault;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders deeper than this are links in a circle.
const DEEPEST: usize = 32;

/// Files at or below `path` whose name fits, sorted by path.
pub fn files(path: &Path, fits: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    let about = fs::metadata(path).map_err(|error| Fault::file(path.display(), &error))?;
    if about.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    descend(path, &fits, 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn descend(
    folder: &Path,
    fits: &impl Fn(&str) -> bool,
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(|error| Fault::file(folder.display(), &error))? {
        let path = entry
            .map_err(|error| Fault::file(folder.display(), &error))?
            .path();
        if path.is_dir() {
            descend(&path, fits, depth + 1, found)?;
        } else if fits(&name_of(&path)) {
            found.push(path);
        }
    }
    Ok(())
}

/// The last part of a path.
pub fn name_of(path: &Path) -> String {
    let whole = absolute(path);
    let name = whole.file_name().unwrap_or(whole.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The path from the root, links resolved.
pub fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}
