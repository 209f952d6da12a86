//! S3 inside this process: blob files and an SQLite index below an S3 protocol layer.
//!
//! Applications see an ordinary [`aws_sdk_s3::Client`] without a socket; the same service can be
//! mounted on the application's own port for presigned URLs. An object is visible only after its
//! bytes were verified and forced to disk, and it changes as a whole. See `README.md` of
//! `localstack` for what differs from AWS.

mod backend;
mod blobs;
mod buckets;
mod complete;
mod connector;
mod digest;
mod failure;
mod index;
mod intake;
mod keys;
mod listing;
mod multipart;
mod objects;
mod open;
mod reads;
mod rows;
mod schema;
mod sweep;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use s3s::service::{S3Service, S3ServiceBuilder};

pub use directory::{Location, OpenError};
pub use keys::Credentials;

use backend::Backend;
use blobs::Blobs;
use directory::unwritable;
use index::Index;
use open::Home;

/// An embedded S3. Clones share it; the last one to go stops its threads.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    credentials: Credentials,
    service: S3Service,
    store: Arc<Store>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the objects at `location`, creating what is missing.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing stored is changed when it fails.
    pub fn open(location: Location, credentials: Credentials) -> Result<Self, OpenError> {
        let home = Home::claim(&location)?;
        let durable = !home.is_temporary();
        let index = match durable {
            true => Index::open(&home.database())?,
            false => Index::memory()?,
        };
        let blobs = Blobs::open(&home.directory, durable)
            .map_err(|error| unwritable(&home.directory, &error))?;
        let sweeper = match durable {
            true => Some(start_sweeper(&home, blobs.clone())?),
            false => None,
        };
        let store = Arc::new(Store {
            index,
            blobs,
            sweeper: Mutex::new(sweeper),
            home,
        });
        let mut builder = S3ServiceBuilder::new(Backend(Arc::clone(&store)));
        builder.set_auth(credentials.clone());
        let inner = Arc::new(Inner {
            credentials,
            service: builder.build(),
            store,
        });
        Ok(Self { inner })
    }

    /// An SDK client on this engine.
    ///
    /// `endpoint` is the public origin of the application, for example `https://argus.example`:
    /// URLs presigned by this client point there, where [`Engine::service`] must be mounted at
    /// the bucket's name.
    pub fn client(&self, endpoint: &str) -> aws_sdk_s3::Client {
        connector::client(self.service(), &self.inner.credentials, endpoint)
    }

    /// The service itself, to be mounted on the application's port. It verifies signatures.
    pub fn service(&self) -> S3Service {
        self.inner.service.clone()
    }

    /// A connection for requests made without the SDK's client, to a presigned URL for example.
    pub fn connector(&self) -> SharedHttpConnector {
        connector::connector(self.service())
    }

    /// Times the index was forced to disk so far; many concurrent writes share one.
    pub fn syncs(&self) -> u64 {
        self.inner.store.index.syncs()
    }

    /// Finishes what is queued and stops. Clients that are still around get a 500 from then on.
    pub fn close(self) {
        self.inner.store.stop();
    }
}

/// Names in the index, bytes in the blobs; engine, clients and mounted service share it.
struct Store {
    index: Index,
    blobs: Blobs,
    sweeper: Mutex<Option<JoinHandle<()>>>,
    home: Home,
}

impl Store {
    fn stop(&self) {
        let mut sweeper = self.sweeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sweeper) = sweeper.take() {
            // It only tidies up; what it left, the next one takes.
            let _ = sweeper.join();
        }
        self.index.close();
        self.home.release();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start_sweeper(home: &Home, blobs: Blobs) -> Result<JoinHandle<()>, OpenError> {
    let database = home.database();
    std::thread::Builder::new()
        .name("s3-sweep".to_owned())
        .spawn(move || match sweep::sweep(&database, &blobs) {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "removed blobs without an object"),
            Err(error) => tracing::warn!(%error, "unused blobs could not be swept"),
        })
        .map_err(|error| OpenError::Start(error.to_string()))
}
