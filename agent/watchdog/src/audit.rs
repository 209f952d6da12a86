//! Why everything happened: one line per decision, each carrying the hash of the one before, so
//! that a line taken out or changed is noticed.

use crate::state;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// Size from which on the file is moved away.
const LARGEST: u64 = 10 * 1024 * 1024;

/// One decision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub ts: Stamp,
    /// Hash of the snapshot it rests on.
    pub snapshot: String,
    /// Who wanted it.
    pub origin: String,
    /// Action and target.
    pub action: String,
    /// Why it was wanted.
    pub reason: String,
    /// What the policy said.
    pub ruling: String,
    /// What came of it.
    pub result: String,
    /// Hash of the line before.
    #[serde(default)]
    pub before: String,
}

/// The file.
#[derive(Debug)]
pub struct Audit {
    file: PathBuf,
    last: String,
}

impl Audit {
    /// Opens the file and finds its last line.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let file = folder.join("audit.jsonl");
        let mut last = String::new();
        state::rows(&file, |line| {
            last = crate::text::hash(line);
            true
        })?;
        Ok(Self { file, last })
    }

    /// Adds a line.
    pub fn add(&mut self, mut entry: Entry) -> io::Result<()> {
        state::rotate(&self.file, LARGEST, 3)?;
        entry.before.clone_from(&self.last);
        state::append(&self.file, &entry)?;
        self.last = crate::text::hash(&serde_json::to_vec(&entry)?);
        Ok(())
    }
}

/// Number of lines, and of the first that does not follow from the one before.
pub fn verify(folder: &Path) -> io::Result<(u64, Option<u64>)> {
    let (mut count, mut broken, mut last) = (0, None, None::<String>);
    let bad = state::rows(&folder.join("audit.jsonl"), |line| {
        count += 1;
        let Ok(entry) = serde_json::from_slice::<Entry>(line) else {
            return false;
        };
        // The first line kept follows one that was rotated away.
        if last.as_ref().is_some_and(|hash| *hash != entry.before) && broken.is_none() {
            broken = Some(count);
        }
        last = Some(crate::text::hash(line));
        true
    })?;
    Ok((count, broken.or((bad > 0).then_some(count))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_noticed() {
        let folder = tempfile::tempdir().expect("folder");
        let entry = |action: &str| Entry {
            ts: Stamp(0),
            snapshot: String::new(),
            origin: "rule".into(),
            action: action.into(),
            reason: String::new(),
            ruling: "act".into(),
            result: "done".into(),
            before: String::new(),
        };
        let mut audit = Audit::open(folder.path()).expect("open");
        audit.add(entry("one")).expect("add");
        audit.add(entry("two")).expect("add");
        // A restart continues the chain.
        Audit::open(folder.path())
            .expect("open")
            .add(entry("three"))
            .expect("add");
        assert_eq!(verify(folder.path()).expect("read"), (3, None));
        let file = folder.path().join("audit.jsonl");
        let text = std::fs::read_to_string(&file)
            .expect("read")
            .replace("two", "TWO");
        std::fs::write(&file, text).expect("forge");
        assert_eq!(verify(folder.path()).expect("read"), (3, Some(3)));
    }
}
