//! The one thread that writes, with group commit.
//!
//! The handle commits without forcing anything to disk (`synchronous = NORMAL`); the thread takes
//! what is queued, runs it, forces the write-ahead log once and only then answers everybody.
//! Nobody is told "written" before it is on disk, and sixteen writers share one fsync.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use directory::{OpenError, unwritable};
use dynoxide::Database;
use tokio::sync::{mpsc, oneshot};

use crate::call::{Call, Outcome, run};
use crate::dispatch::{Reply, Route, route};
use crate::open::{Files, database};
use crate::stats::{Counters, count};

/// Requests answered after one sync at most.
const GROUP: usize = 64;

/// What the writer thread is asked for.
pub(crate) enum Job {
    /// Run this and answer when it is durable.
    Call(Call),
    /// Lend the handle (it is shared and locks itself).
    Lend(oneshot::Sender<Database>),
    /// Look at the stop flag.
    Wake,
}

/// What the threads of an engine share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Raised whenever a table changed; readers behind it reopen.
    pub generation: AtomicU64,
    /// Set once: readers finish what is queued, then end.
    pub stop_reading: AtomicBool,
    /// The same for the writer.
    pub stop_writing: AtomicBool,
    pub counters: Counters,
}

pub(crate) struct Writer {
    /// `None` in memory.
    files: Option<Arc<Files>>,
    /// `None` after a panic, until the next call opens it again.
    handle: Option<Handle>,
    shared: Arc<Shared>,
    /// Set after a failed sync: the kernel may have dropped the pages, so no later sync can
    /// promise anything. Only a restart, which replays what is on disk, helps.
    failed: bool,
}

struct Handle {
    db: Database,
    /// The open write-ahead log; `None` in memory.
    wal: Option<File>,
}

impl Handle {
    fn memory() -> Result<Self, OpenError> {
        let db = Database::memory().map_err(|error| OpenError::Start(error.to_string()))?;
        Ok(Self { db, wal: None })
    }

    fn open(files: &Files) -> Result<Self, OpenError> {
        let db = database(&files.database)?;
        // The public way to `synchronous = NORMAL`; the other settings it makes are defaults.
        db.disable_bulk_loading()
            .map_err(|error| OpenError::Start(error.to_string()))?;
        let wal = File::open(files.wal()).map_err(|error| unwritable(&files.wal(), &error))?;
        // The names of new files must survive a power cut like what is in them.
        files.sync_directory()?;
        let wal = Some(wal);
        Ok(Self { db, wal })
    }
}

impl Writer {
    pub fn open(files: Option<&Arc<Files>>, shared: Arc<Shared>) -> Result<Self, OpenError> {
        let handle = match files {
            Some(files) => Handle::open(files)?,
            None => Handle::memory()?,
        };
        let handle = Some(handle);
        let files = files.cloned();
        Ok(Self {
            files,
            handle,
            shared,
            failed: false,
        })
    }

    /// The handle, opened again if a panic cost the last one.
    pub fn database(&mut self) -> Result<&Database, OpenError> {
        let handle = match (self.handle.take(), &self.files) {
            (Some(handle), _) => handle,
            (None, None) => Handle::memory()?,
            (None, Some(files)) => {
                count(&self.shared.counters.reopened);
                Handle::open(files)?
            }
        };
        Ok(&self.handle.insert(handle).db)
    }

    /// Serves until every sender is gone or the stop flag is set, and answers all that was queued.
    pub fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut group = Vec::new();
            let mut next = Some(first);
            while let Some(job) = next.take() {
                match job {
                    Job::Call(call) => group.push(self.execute(call)),
                    Job::Lend(reply) => {
                        if let Ok(db) = self.database() {
                            let _ = reply.send(db.clone());
                        }
                    }
                    Job::Wake => {}
                }
                if group.len() < GROUP {
                    next = jobs.try_recv().ok();
                }
            }
            self.answer(group);
            if self.shared.stop_writing.load(Ordering::Acquire) {
                jobs.close();
            }
        }
    }

    fn execute(&mut self, call: Call) -> Done {
        count(&self.shared.counters.writes);
        let route = route(&call.operation);
        if self.failed {
            return Done {
                reply: Reply::internal("the disk refused an earlier write; restart the engine"),
                to: call.reply,
                dirty: false,
            };
        }
        let reply = self.execute_or_recover(&call);
        if route == Route::Define {
            self.shared.generation.fetch_add(1, Ordering::AcqRel);
        }
        Done {
            reply,
            to: call.reply,
            // An error may come after a part was written (a batch), so it counts too.
            dirty: matches!(route, Route::Write | Route::Define),
        }
    }

    fn execute_or_recover(&mut self, call: &Call) -> Reply {
        for _ in 0..2 {
            let db = match self.database() {
                Ok(db) => db,
                Err(error) => return Reply::internal(&error.to_string()),
            };
            match run(db, &call.operation, &call.body) {
                Outcome::Answered(reply) => return reply,
                Outcome::Poisoned => self.discard(),
                Outcome::Panicked => {
                    self.discard();
                    return Reply::internal("the engine failed on this request");
                }
            }
        }
        Reply::internal("the engine could not recover from an earlier failure")
    }

    /// Drops a handle that may be poisoned, and with it whatever transaction it had open. Earlier
    /// writes of the group went through its log, which may not be the log of the next handle:
    /// sync first. In memory there is nothing to open again, so that handle stays.
    fn discard(&mut self) {
        if self.files.is_some() {
            self.sync();
            self.handle = None;
        }
    }

    fn answer(&mut self, group: Vec<Done>) {
        if group.is_empty() {
            return;
        }
        count(&self.shared.counters.groups);
        if group.iter().any(|done| done.dirty) {
            self.sync();
        }
        for done in group {
            let reply = if self.failed && done.dirty {
                Reply::internal("the disk refused the write")
            } else {
                done.reply
            };
            // The caller may have gone away; the write stays.
            let _ = done.to.send(reply);
        }
    }

    fn sync(&mut self) {
        let Some(wal) = self.handle.as_ref().and_then(|handle| handle.wal.as_ref()) else {
            return;
        };
        count(&self.shared.counters.syncs);
        if let Err(error) = wal.sync_data() {
            tracing::error!(%error, "the write-ahead log could not be forced to disk");
            self.failed = true;
        }
    }
}

/// A call that ran and waits for the group's sync.
struct Done {
    reply: Reply,
    to: oneshot::Sender<Reply>,
    dirty: bool,
}
