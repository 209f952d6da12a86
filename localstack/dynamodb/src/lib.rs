//! DynamoDB inside this process: an SQLite-backed engine behind the AWS SDK's HTTP client.
//!
//! Applications see an ordinary [`aws_sdk_dynamodb::Client`]; no socket is opened. One thread
//! writes with group commit (durable before answered, many writers per fsync), a few threads
//! read. See `README.md` of `localstack` for what differs from AWS.

mod backup;
mod call;
mod connector;
mod dispatch;
mod faults;
mod inner;
mod limits;
mod open;
mod readers;
mod stats;
mod ttl;
mod writer;

use std::sync::Arc;

pub use directory::{Location, OpenError};
pub use faults::{Fault, Faults};
pub use stats::Stats;

use inner::Inner;

/// An embedded DynamoDB. Clones share it; the last one to go stops its threads.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

/// Why maintenance of an open engine failed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine was closed.
    #[error("the engine is closed")]
    Closed,
    /// SQLite refused.
    #[error("storage failed: {0}")]
    Storage(String),
    /// A file could not be made.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Engine {
    /// Opens the database at `location`, creating it when missing.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing is changed when it fails.
    pub fn open(location: Location) -> Result<Self, OpenError> {
        let inner = Arc::new(Inner::open(&location)?);
        Ok(Self { inner })
    }

    /// An SDK client on this engine. Make one and clone it: clones share its connection.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        connector::client(Arc::clone(&self.inner), None)
    }

    /// An SDK client whose calls fail as `faults` scripts them; other clients are unaffected.
    pub fn client_with_faults(&self, faults: Faults) -> aws_sdk_dynamodb::Client {
        connector::client(Arc::clone(&self.inner), Some(faults))
    }

    /// What the engine has done so far.
    pub fn stats(&self) -> Stats {
        self.inner.shared.counters.snapshot()
    }

    /// Finishes what is queued, moves the log into the database file and stops.
    ///
    /// Blocks until that is done, a few milliseconds as a rule. Clients that are still around
    /// get a 500 from then on.
    pub fn close(self) {
        self.inner.stop();
    }
}
