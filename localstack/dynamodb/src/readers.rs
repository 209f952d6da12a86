//! Threads with a read handle each; whichever is idle takes the next request.
//!
//! A handle remembers table definitions for good, so it is opened again after a table changed.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use directory::OpenError;
use dynoxide::Database;
use tokio::sync::mpsc;

use crate::call::{Call, Outcome, run};
use crate::dispatch::Reply;
use crate::open::database;
use crate::stats::count;
use crate::writer::Shared;

/// What a reader thread is asked for.
pub(crate) enum ReadJob {
    /// Run this and answer.
    Call(Call),
    /// Look at the stop flag.
    Wake,
}

/// One queue for all readers: a request waits for the first idle one, not for a chosen one.
pub(crate) type Queue = Arc<Mutex<mpsc::Receiver<ReadJob>>>;

pub(crate) struct Reader {
    path: PathBuf,
    handle: Option<(Database, u64)>,
    shared: Arc<Shared>,
}

impl Reader {
    pub fn open(path: &Path, shared: Arc<Shared>) -> Result<Self, OpenError> {
        let generation = shared.generation.load(Ordering::Acquire);
        Ok(Self {
            path: path.to_owned(),
            handle: Some((database(path)?, generation)),
            shared,
        })
    }

    /// Serves until every sender is gone or the stop flag is set.
    pub fn serve(mut self, queue: &Queue) {
        loop {
            let job = {
                let mut jobs = queue.lock().unwrap_or_else(PoisonError::into_inner);
                if self.shared.stop_reading.load(Ordering::Acquire) {
                    jobs.close();
                }
                jobs.blocking_recv()
            };
            match job {
                Some(ReadJob::Call(call)) => {
                    count(&self.shared.counters.reads);
                    let reply = self.execute(&call);
                    // The caller may have gone away.
                    let _ = call.reply.send(reply);
                }
                Some(ReadJob::Wake) => {}
                None => return,
            }
        }
    }

    fn execute(&mut self, call: &Call) -> Reply {
        for _ in 0..2 {
            let db = match self.current() {
                Ok(db) => db,
                Err(error) => return Reply::internal(&error.to_string()),
            };
            match run(db, &call.operation, &call.body) {
                Outcome::Answered(reply) => return reply,
                Outcome::Poisoned => self.handle = None,
                Outcome::Panicked => {
                    self.handle = None;
                    return Reply::internal("the engine failed on this request");
                }
            }
        }
        Reply::internal("the engine could not recover from an earlier failure")
    }

    fn current(&mut self) -> Result<&Database, OpenError> {
        let generation = self.shared.generation.load(Ordering::Acquire);
        if self.handle.as_ref().is_none_or(|(_, of)| *of != generation) {
            self.handle = None;
            count(&self.shared.counters.reopened);
        }
        let path = &self.path;
        let handle = match self.handle.take() {
            Some(handle) => handle,
            None => (database(path)?, generation),
        };
        Ok(&self.handle.insert(handle).0)
    }
}
