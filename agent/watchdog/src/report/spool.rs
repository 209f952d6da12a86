//! Reports on their way to the server, in small files, oldest first. Offline hosts keep theirs
//! until there is room no more; then the oldest go.

use crate::state;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most items in one file, and so in one request.
const ITEMS: usize = 400;
/// Largest file, and so request, in bytes.
const BYTES: u64 = 512 * 1024;

/// One thing the server is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Names it for ever: told twice, it counts once.
    pub id: String,
    /// `snapshot`, `problem`, `action`, `ask`, `transcript` or `summary`.
    pub kind: String,
    /// When.
    pub ts: Stamp,
    /// What.
    pub data: Value,
}

/// The folder.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    most_bytes: u64,
}

impl Spool {
    /// In `folder`, at most `most_bytes` in all.
    pub fn open(folder: PathBuf, most_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, most_bytes })
    }

    /// Adds an item.
    pub fn add(&self, item: &Item) -> io::Result<()> {
        let files = self.files()?;
        let open = files.last().filter(|last| has_room(last));
        let number = |file: &PathBuf| {
            file.file_stem()
                .and_then(|s| s.to_str()?.parse::<u64>().ok())
                .unwrap_or(0)
        };
        let file = match open {
            Some(file) => file.clone(),
            None => self.folder.join(format!(
                "{:012}.jsonl",
                files.last().map_or(1, |f| number(f) + 1)
            )),
        };
        state::append(&file, item)?;
        self.shrink(&files)
    }

    /// Files, oldest first.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut found: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|x| x == "jsonl"))
            .collect();
        found.sort();
        Ok(found)
    }

    /// Items of a file; lines that cannot be read are left out.
    pub fn read(&self, file: &Path) -> io::Result<Vec<Item>> {
        let mut items = Vec::new();
        state::rows(file, |line| {
            let item = serde_json::from_slice(line);
            let good = item.is_ok();
            items.extend(item);
            good
        })?;
        Ok(items)
    }

    /// Removes a file whose items arrived.
    pub fn done(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    fn shrink(&self, files: &[PathBuf]) -> io::Result<()> {
        let size = |file: &PathBuf| fs::metadata(file).map_or(0, |m| m.len());
        let mut all: u64 = files.iter().map(size).sum();
        for file in files {
            if all <= self.most_bytes {
                break;
            }
            all -= size(file);
            fs::remove_file(file)?;
        }
        Ok(())
    }
}

fn has_room(file: &Path) -> bool {
    let small = fs::metadata(file).is_ok_and(|m| m.len() < BYTES);
    // Counted by lines only where the size leaves a doubt: items are rarely under a kilobyte.
    small && fs::read(file).is_ok_and(|text| text.iter().filter(|b| **b == b'\n').count() < ITEMS)
}
