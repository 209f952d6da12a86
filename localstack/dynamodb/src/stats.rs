//! Counters that make batching and recovery visible.

use std::sync::atomic::{AtomicU64, Ordering};

/// What an engine has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Operations run on reader handles.
    pub reads: u64,
    /// Operations run on the writer.
    pub writes: u64,
    /// Groups the writer's operations were answered in.
    pub groups: u64,
    /// Times the write-ahead log was forced to disk; 0 in memory.
    pub syncs: u64,
    /// Handles opened again after a table changed or a panic.
    pub reopened: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub reads: AtomicU64,
    pub writes: AtomicU64,
    pub groups: AtomicU64,
    pub syncs: AtomicU64,
    pub reopened: AtomicU64,
}

/// Adds one; the numbers are for people and order nothing.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub fn snapshot(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            reads: read(&self.reads),
            writes: read(&self.writes),
            groups: read(&self.groups),
            syncs: read(&self.syncs),
            reopened: read(&self.reopened),
        }
    }
}
