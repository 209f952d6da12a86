//! The folder of one process's unsent events, and its lock.
//!
//! `<dir>/spool/<time>-<pid>-<random>/` holds `owner.lock`, `label.json` and the segments. The
//! lock is a record lock of POSIX: a forked child does not inherit it, and the system gives it
//! back however its process ends. Closing any other handle of the same file would give it back
//! as well, so a process never opens its own lock file twice: [`OWN`] remembers.

use rustix::fs::{FlockOperation, fcntl_lock, statvfs};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Folders this process holds.
static OWN: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);

const LOCK: &str = "owner.lock";
const LABEL: &str = "label.json";

/// Whose events a folder holds, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Server they are for; `None` when none was known.
    pub url: Option<String>,
    /// Batch of the process.
    pub batch_id: String,
    /// Project of the batch.
    pub project: String,
    /// Process.
    pub pid: u32,
    /// Its host.
    pub host: String,
    /// When it started, RFC 3339.
    pub started: String,
    /// Recorded offline on purpose: only `argus sync` sends them.
    pub offline: bool,
}

/// A folder of segments, made when first needed.
#[derive(Debug)]
pub struct Home {
    dir: PathBuf,
    label: Label,
    held: Option<(PathBuf, File)>,
    labelled: bool,
}

impl Home {
    /// A folder below `dir` that is yet to be made.
    pub fn new(dir: &Path, label: Label) -> Self {
        Self {
            dir: dir.to_owned(),
            label,
            held: None,
            labelled: false,
        }
    }

    /// Takes over the folder of a process that is gone; `None` while it lives.
    pub fn take_over(path: &Path) -> Option<Self> {
        let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
        let own = own.get_or_insert_default();
        if own.contains(path) {
            return None;
        }
        let file = File::options().write(true).open(path.join(LOCK)).ok()?;
        fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
        // Its last owner may have removed the folder between listing and locking.
        if !path.join(LOCK).exists() {
            return None;
        }
        own.insert(path.to_owned());
        Some(Self {
            dir: path.parent()?.parent()?.to_owned(),
            label: read_label(path).unwrap_or_default(),
            held: Some((path.to_owned(), file)),
            labelled: true,
        })
    }

    /// Whose events these are.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The folder, once there is one.
    pub fn path(&self) -> Option<&Path> {
        self.held.as_ref().map(|(path, _)| path.as_path())
    }

    /// The folder; made and locked at the first call.
    pub fn create(&mut self) -> io::Result<&Path> {
        if self.held.is_none() {
            let millis = crate::clock::since_epoch().as_millis();
            let random = hex::encode(crate::ids::random::<4>());
            let name = format!("{millis}-{}-{random}", self.label.pid);
            let path = self.dir.join("spool").join(name);
            fs::create_dir_all(&path)?;
            let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
            let file = File::options()
                .write(true)
                .create_new(true)
                .open(path.join(LOCK))?;
            // Without locks (some network file systems) others take the folder for locked, too.
            let _ = fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive);
            own.get_or_insert_default().insert(path.clone());
            self.held = Some((path, file));
        }
        if let Some((path, _)) = self.held.as_ref().filter(|_| !self.labelled) {
            // A full disk may have room for a folder, but not for what is in it: tried again with
            // the next segment, and never a reason for another folder.
            let label = serde_json::to_vec(&self.label)?;
            self.labelled = fs::write(path.join(LABEL), label).is_ok();
        }
        match &self.held {
            Some((path, _)) => Ok(path),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The segments there are, oldest first.
    pub fn segments(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let Some(folder) = self.path() else {
            return Ok(vec![]);
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let is_segment = path.extension().is_some_and(|e| e == "seg");
            let id = path
                .file_stem()
                .and_then(|stem| stem.to_str()?.parse().ok());
            if let (true, Some(id)) = (is_segment, id) {
                found.push((id, path));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Free bytes of the disk.
    pub fn free_bytes(&self) -> Option<u64> {
        let stat = statvfs(self.path()?).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Removes the folder, which must hold no segment.
    pub fn remove(&mut self) {
        let Some((path, file)) = self.held.take() else {
            return;
        };
        // Whoever lists the folder meanwhile finds it locked or without a lock.
        let _ = fs::remove_file(path.join(LABEL));
        let _ = fs::remove_file(path.join(LOCK));
        let _ = fs::remove_dir(&path);
        drop(file);
        forget(&path);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some((path, _)) = &self.held {
            forget(path);
        }
    }
}

fn forget(path: &Path) {
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    own.get_or_insert_default().remove(path);
}

fn read_label(path: &Path) -> Option<Label> {
    serde_json::from_slice(&fs::read(path.join(LABEL)).ok()?).ok()
}

/// The folders of all processes, oldest first, with their labels.
pub fn spools_in(dir: &Path) -> Vec<(PathBuf, Label)> {
    let Ok(entries) = fs::read_dir(dir.join("spool")) else {
        return vec![];
    };
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join(LOCK).exists())
        .map(|path| {
            let label = read_label(&path).unwrap_or_default();
            (path, label)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
