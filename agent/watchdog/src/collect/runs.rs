//! Which process belongs to which run: the agent's journal, and the variable every run carries.

use crate::snapshot::{Blind, Source};
use crate::state;
use probe::{Probe, Process};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variable that the agent, and scripts under a reporter, give to all they start.
const BATCH: &str = "ARGUS_BATCH_ID";
/// Remembers what a process carries, since the environment it was started with never changes.
pub struct JobMap {
    journal: PathBuf,
    known: BTreeMap<(u32, u64), Option<String>>,
}

impl JobMap {
    /// With the agent's journal; empty: none.
    #[must_use]
    pub fn new(journal: PathBuf) -> Self {
        Self {
            journal,
            known: BTreeMap::new(),
        }
    }

    /// Batches by process, descendants included.
    pub(super) fn map(
        &mut self,
        probe: &Probe,
        processes: &[&Process],
        parents: &BTreeMap<u32, u32>,
        blind: &mut Vec<Blind>,
    ) -> BTreeMap<u32, String> {
        let mut direct = BTreeMap::new();
        let mut known = BTreeMap::new();
        for process in processes {
            let key = (process.pid, process.start_ticks);
            let batch = self
                .known
                .remove(&key)
                .unwrap_or_else(|| probe.variable(process.pid, BATCH));
            if let Some(batch) = batch.as_ref().filter(|b| !b.is_empty()) {
                direct.insert(process.pid, crate::text::clean(batch, 128));
            }
            known.insert(key, batch);
        }
        self.known = known;
        match journal(&self.journal) {
            Ok(entries) => {
                let boot_id = probe.boot_id().unwrap_or_default();
                for Entry { batch_id, process } in entries {
                    let same =
                        |p: &&Process| p.pid == process.pid && p.start_ticks == process.starttime;
                    if process.boot_id == boot_id && processes.iter().copied().any(|p| same(&p)) {
                        direct.insert(process.pid, crate::text::clean(&batch_id, 128));
                    }
                }
            }
            // Not knowing what runs must not end in ending it: the policy refuses while blind.
            Err(why) => blind.push(Blind {
                what: Source::Runs,
                why,
            }),
        }
        let mut all = direct.clone();
        for process in processes {
            let of_parent =
                super::processes::lineage_of(parents, process.pid).find_map(|p| direct.get(&p));
            if let Some(batch) = of_parent {
                all.insert(process.pid, batch.clone());
            }
        }
        all
    }
}

/// A line of the agent's journal; what we do not need of it is not read.
#[derive(Deserialize)]
struct Line {
    cmd: String,
    batch_id: String,
    phase: String,
    #[serde(default)]
    process: Option<Started>,
}

/// The process of a run.
#[derive(Clone, Deserialize)]
struct Started {
    pid: u32,
    starttime: u64,
    boot_id: String,
}

/// A run that is at work, as the agent's journal has it.
struct Entry {
    batch_id: String,
    process: Started,
}

/// Runs whose last line says that they are not over. An agent that was never here has no journal,
/// and no runs.
fn journal(file: &Path) -> Result<Vec<Entry>, String> {
    if file.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let mut last: BTreeMap<String, Line> = BTreeMap::new();
    let bad = state::rows(file, |line| match serde_json::from_slice::<Line>(line) {
        Ok(line) => {
            last.insert(line.cmd.clone(), line);
            true
        }
        Err(_) => false,
    });
    // One line may be cut off: the agent is writing it, or a crash did. More means that this is
    // no journal we understand, and then it is not known what runs.
    match bad {
        Ok(0 | 1) => {}
        Ok(bad) => return Err(format!("{bad} lines of the agent's journal cannot be read")),
        Err(e) => return Err(format!("agent's journal {}: {e}", file.display())),
    }
    let alive = |line: &Line| matches!(line.phase.as_str(), "spawning" | "spawned" | "acked");
    let entries = last.into_values().filter(alive).filter_map(|line| {
        Some(Entry {
            batch_id: line.batch_id,
            process: line.process?,
        })
    });
    Ok(entries.collect())
}
