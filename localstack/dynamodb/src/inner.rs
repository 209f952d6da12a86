//! The threads of an engine and the bounded queues in front of them.

use std::fmt;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use directory::{Location, OpenError};
use dynoxide::Database;
use tokio::sync::{mpsc, oneshot};

use crate::EngineError;
use crate::call::Call;
use crate::dispatch::{Reply, Route, route};
use crate::limits::bounded;
use crate::open::Files;
use crate::readers::{Queue, ReadJob, Reader};
use crate::writer::{Job, Shared, Writer};

/// Requests waiting per queue; a caller beyond that waits for room before it is queued.
const QUEUE: usize = 256;

pub(crate) struct Inner {
    /// `None` in memory.
    pub files: Option<Arc<Files>>,
    /// The only handle of a memory engine.
    pub memory: Option<Database>,
    pub shared: Arc<Shared>,
    writer: mpsc::Sender<Job>,
    /// `None` in memory, where everything runs on the writer.
    readers: Option<mpsc::Sender<ReadJob>>,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    readers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Inner {
    pub fn open(location: &Location) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::default());
        let files = match location {
            Location::Memory => None,
            Location::Dir(directory) => Some(Arc::new(Files::claim(directory)?)),
        };
        let mut writer = Writer::open(files.as_ref(), Arc::clone(&shared))?;
        let memory = match &files {
            None => Some(writer.database()?.clone()),
            Some(_) => None,
        };
        let (jobs, queue) = mpsc::channel(QUEUE);
        let mut threads = Threads {
            readers: Vec::new(),
            writer: Some(spawn("dynamodb-writer", move || writer.serve(queue))?),
        };
        let readers = match &files {
            None => None,
            Some(files) => Some(start_readers(files, &shared, &mut threads.readers)?),
        };
        Ok(Self {
            files,
            memory,
            shared,
            writer: jobs,
            readers,
            threads: Mutex::new(threads),
        })
    }

    /// Runs one operation; always answers, with a 500 if the engine is closed or broken.
    pub async fn call(&self, operation: String, body: Bytes) -> Reply {
        let body = bounded(&operation, body);
        let (reply, answer) = oneshot::channel();
        let place = route(&operation);
        let call = Call {
            operation,
            body,
            reply,
        };
        let queued = match (&self.readers, place) {
            (Some(readers), Route::Reader) => readers.send(ReadJob::Call(call)).await.is_ok(),
            _ => self.writer.send(Job::Call(call)).await.is_ok(),
        };
        if !queued {
            return Reply::internal("the engine is closed");
        }
        let lost = || Reply::internal("the engine stopped before it answered");
        answer.await.unwrap_or_else(|_| lost())
    }

    /// A clone of the writer's handle.
    pub async fn lend(&self) -> Result<Database, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.writer
            .send(Job::Lend(reply))
            .await
            .map_err(|_| EngineError::Closed)?;
        answer.await.map_err(|_| EngineError::Closed)
    }

    /// Lets the threads finish what is queued and waits for them. The writer closes last and
    /// alone: only the last handle can move the log into the database file.
    pub fn stop(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        // A full queue needs no waking: its thread looks at the flag after the next request. A
        // thread that panicked has nothing left to finish.
        self.shared.stop_reading.store(true, Ordering::Release);
        if let Some(readers) = &self.readers {
            let _ = readers.try_send(ReadJob::Wake);
        }
        for reader in threads.readers.drain(..) {
            let _ = reader.join();
        }
        self.shared.stop_writing.store(true, Ordering::Release);
        let _ = self.writer.try_send(Job::Wake);
        if let Some(writer) = threads.writer.take() {
            let _ = writer.join();
        }
        if let Some(files) = &self.files {
            files.release();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start_readers(
    files: &Arc<Files>,
    shared: &Arc<Shared>,
    threads: &mut Vec<JoinHandle<()>>,
) -> Result<mpsc::Sender<ReadJob>, OpenError> {
    let (jobs, queue) = mpsc::channel(QUEUE);
    let queue: Queue = Arc::new(Mutex::new(queue));
    let cores = thread::available_parallelism().map_or(2, usize::from);
    for number in 0..cores.clamp(2, 4) {
        let reader = Reader::open(&files.database, Arc::clone(shared))?;
        let queue = Arc::clone(&queue);
        let name = format!("dynamodb-read-{number}");
        threads.push(spawn(&name, move || reader.serve(&queue))?);
    }
    Ok(jobs)
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error: io::Error| OpenError::Start(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"{"TableName":"things","BillingMode":"PAY_PER_REQUEST",
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#;
    const PUT: &str = r#"{"TableName":"things","Item":{"pk":{"S":"a"}}}"#;
    const GET: &str = r#"{"TableName":"things","Key":{"pk":{"S":"a"}}}"#;

    async fn call(inner: &Inner, operation: &str, body: &'static str) -> Reply {
        let body = Bytes::from_static(body.as_bytes());
        inner.call(operation.to_owned(), body).await
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer_and_no_data() {
        let dir = tempfile::tempdir().unwrap();
        for location in [Location::Memory, Location::Dir(dir.path().to_owned())] {
            let inner = Inner::open(&location).unwrap();
            assert_eq!(call(&inner, "CreateTable", TABLE).await.status, 200);
            assert_eq!(call(&inner, "PutItem", PUT).await.status, 200);
            for _ in 0..3 {
                assert_eq!(call(&inner, "Panic", "{}").await.status, 500);
                assert_eq!(call(&inner, "PanicWhileReading", "{}").await.status, 500);
            }
            assert_eq!(call(&inner, "PutItem", PUT).await.status, 200);
            let found = call(&inner, "GetItem", GET).await;
            assert!(found.body.windows(4).any(|w| w == b"Item"), "{location:?}");
        }
    }

    #[tokio::test]
    async fn unknown_and_broken_requests_are_refused() {
        let inner = Inner::open(&Location::Memory).unwrap();
        assert_eq!(call(&inner, "Nonsense", "{}").await.status, 400);
        assert_eq!(call(&inner, "PutItem", "not json").await.status, 400);
        assert_eq!(call(&inner, "Query", "").await.status, 400);
    }
}
