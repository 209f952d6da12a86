//! The threads that own the SQLite connections.
//!
//! One thread writes with group commit: it runs what is queued, forces the log to disk once and
//! then answers everybody. Two threads read. In memory one thread does both.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use s3s::{S3Error, S3Result, s3_error};
use tokio::sync::{mpsc, oneshot};

use crate::failure::storage;
use crate::schema;
use directory::{OpenError, unwritable};

const QUEUE: usize = 256;
const GROUP: usize = 64;

type Answer = Box<dyn FnOnce(bool) + Send>;
type Write = Box<dyn FnOnce(&mut Connection) -> Answer + Send>;
type Read = Box<dyn FnOnce(&mut Connection) + Send>;

enum Job {
    Write(Write),
    Read(Read),
    /// Look at the stop flag.
    Wake,
}

/// The names and metadata of all objects.
pub(crate) struct Index {
    writer: mpsc::Sender<Job>,
    /// `None` in memory: the only connection belongs to the writer.
    readers: Option<mpsc::Sender<Job>>,
    stop: Arc<AtomicBool>,
    syncs: Arc<AtomicU64>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Index {
    /// Tables in memory.
    pub fn memory() -> Result<Self, OpenError> {
        let connection = schema::connect_memory()?;
        schema::prepare(&connection, Path::new(":memory:"))?;
        Self::start(connection, None, None)
    }

    /// Tables in the file `path`.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let connection = schema::connect(path)?;
        schema::prepare(&connection, path)?;
        let mut name = path.to_owned().into_os_string();
        name.push("-wal");
        let wal = PathBuf::from(name);
        // The log stays the same file while any connection is open.
        let wal = File::open(&wal).map_err(|error| unwritable(&wal, &error))?;
        Self::start(connection, Some(wal), Some(path))
    }

    fn start(
        connection: Connection,
        wal: Option<File>,
        path: Option<&Path>,
    ) -> Result<Self, OpenError> {
        let stop = Arc::new(AtomicBool::new(false));
        let syncs = Arc::new(AtomicU64::new(0));
        let (writer, queue) = mpsc::channel(QUEUE);
        let thread = Writer {
            connection,
            wal,
            failed: false,
            stop: Arc::clone(&stop),
            syncs: Arc::clone(&syncs),
        };
        let mut threads = vec![spawn("s3-index-writer", move || thread.serve(queue))?];
        let mut readers = None;
        if let Some(path) = path {
            let (sender, queue) = mpsc::channel(QUEUE);
            let queue = Arc::new(Mutex::new(queue));
            for number in 0..2 {
                let connection = schema::connect(path)?;
                let (queue, stop) = (Arc::clone(&queue), Arc::clone(&stop));
                let name = format!("s3-index-read-{number}");
                threads.push(spawn(&name, move || read(connection, &queue, &stop))?);
            }
            readers = Some(sender);
        }
        Ok(Self {
            writer,
            readers,
            stop,
            syncs,
            threads: Mutex::new(threads),
        })
    }

    /// Times the log was forced to disk.
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Runs `work` in one transaction, rolled back if it fails; durable when this returns.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> S3Result<T> + Send + 'static,
    ) -> S3Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Write = Box::new(move |connection| {
            let result = transact(connection, work);
            Box::new(move |durable| {
                let result = match durable {
                    true => result,
                    false => Err(s3_error!(InternalError, "the disk refused the write")),
                };
                // The caller may have gone away; the write stays.
                let _ = reply.send(result);
            })
        });
        self.writer
            .send(Job::Write(job))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Runs `work` on a consistent view.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> S3Result<T> + Send + 'static,
    ) -> S3Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |connection| {
            let result = connection
                .transaction()
                .map_err(storage)
                .and_then(|transaction| work(&transaction));
            let _ = reply.send(result);
        });
        let queue = self.readers.as_ref().unwrap_or(&self.writer);
        queue.send(Job::Read(job)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Lets the threads finish what is queued and waits for them.
    pub fn close(&self) {
        self.stop.store(true, Ordering::Release);
        // A full queue needs no waking: its thread looks at the flag after the next job.
        let _ = self.writer.try_send(Job::Wake);
        if let Some(readers) = &self.readers {
            let _ = readers.try_send(Job::Wake);
        }
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.close();
    }
}

fn closed() -> S3Error {
    s3_error!(InternalError, "the engine is closed")
}

fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> S3Result<T>,
) -> S3Result<T> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(storage)?;
    let value = work(&transaction)?;
    transaction.commit().map_err(storage)?;
    Ok(value)
}

struct Writer {
    connection: Connection,
    wal: Option<File>,
    /// Set after a failed sync, which no later sync can make good; only a restart helps.
    failed: bool,
    stop: Arc<AtomicBool>,
    syncs: Arc<AtomicU64>,
}

impl Writer {
    fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut answers = Vec::new();
            let mut next = Some(first);
            while let Some(job) = next.take() {
                match job {
                    Job::Write(write) => answers.extend(self.run(write)),
                    Job::Read(read) => {
                        let _ = guarded(|| read(&mut self.connection));
                    }
                    Job::Wake => {}
                }
                if answers.len() < GROUP {
                    next = jobs.try_recv().ok();
                }
            }
            if !answers.is_empty() {
                self.sync();
            }
            for answer in answers {
                answer(!self.failed);
            }
            if self.stop.load(Ordering::Acquire) {
                jobs.close();
            }
        }
    }

    /// A write that panics is rolled back, and its caller sees the reply dropped.
    fn run(&mut self, write: Write) -> Option<Answer> {
        if self.failed {
            return None;
        }
        guarded(|| write(&mut self.connection))
    }

    fn sync(&mut self) {
        let Some(wal) = &self.wal else { return };
        self.syncs.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = wal.sync_data() {
            tracing::error!(%error, "the write-ahead log could not be forced to disk");
            self.failed = true;
        }
    }
}

fn read(mut connection: Connection, queue: &Mutex<mpsc::Receiver<Job>>, stop: &AtomicBool) {
    loop {
        let job = {
            let mut jobs = queue.lock().unwrap_or_else(PoisonError::into_inner);
            if stop.load(Ordering::Acquire) {
                jobs.close();
            }
            jobs.blocking_recv()
        };
        match job {
            Some(Job::Read(read)) => {
                let _ = guarded(|| read(&mut connection));
            }
            Some(_) => {}
            None => return,
        }
    }
}

/// `None` if the work panicked; its transaction is rolled back and the connection stays usable.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| OpenError::Start(error.to_string()))
}
