//! A whole server in memory, made in milliseconds.

use crate::actor::{Actor, Call};
use crate::capacity::{ReadUnits, WriteUnits};
use crate::refusals::Refusals;
use axum::Router;
use domain::account::{TokenScope, User};
use domain::time::Timestamp;
use engine_dynamodb::{Engine, Faults, Location};
use http::Method;
use runtime::vars::Source;
use runtime::{Clock, Config, Services, entropy};
use std::path::PathBuf;
use store::{Store, schema};
use web::Routes;

/// Bucket of every test.
const BUCKET: &str = "argus-test";

/// Instant at which test clocks start.
pub const START: Timestamp = Timestamp(1_795_000_000_000);

/// A server under test. Dropping it drops everything it stored.
pub struct TestApp {
    /// Services behind the router.
    pub services: Services,
    /// The router with the whole stack, as Lambda and the local server run it.
    pub router: Router,
    /// Storage engine, to look below or to open a second instance on.
    pub engine: Engine,
    pub(crate) objects: engine_s3::Engine,
}

/// How a server under test differs from the usual one.
#[derive(Default)]
pub struct Setup {
    /// Faults injected below the SDK.
    pub faults: Option<Faults>,
    /// Counts what writes cost.
    pub write_units: Option<WriteUnits>,
    /// Counts what reads cost.
    pub read_units: Option<ReadUnits>,
    /// Refuses writes to table and bucket.
    pub refusals: Option<Refusals>,
    /// Keep everything in this directory instead of memory, or go on with what is there.
    pub directory: Option<PathBuf>,
    /// Environment variables.
    pub variables: Vec<(&'static str, String)>,
    /// Share the table with other instances, as Lambda does.
    pub shared: bool,
    /// Stand still at [`START`] instead of following the machine's clock.
    pub manual_clock: bool,
}

impl TestApp {
    /// A server with the given routes.
    pub async fn new(routes: Routes) -> Self {
        Self::with(routes, Setup::default()).await
    }

    /// A server with the given routes and peculiarities.
    pub async fn with(routes: Routes, setup: Setup) -> Self {
        let place = match &setup.directory {
            None => Location::Memory,
            Some(directory) => Location::Dir(directory.clone()),
        };
        let engine = Engine::open(place.clone()).expect("table engine opens");
        let keys = engine_s3::Credentials {
            access_key: "test".into(),
            secret_key: "test".into(),
        };
        let objects = engine_s3::Engine::open(place, keys).expect("object engine opens");
        let app = Self::instance(routes, &setup, engine, objects);
        schema::create_table(&app.services.store.table)
            .await
            .expect("table is made");
        app.services
            .store
            .blobs
            .create_bucket()
            .await
            .expect("bucket is made");
        app
    }

    /// A second instance on the same stored state, with its own caches.
    pub fn sibling(&self, routes: Routes, setup: &Setup) -> Self {
        Self::instance(routes, setup, self.engine.clone(), self.objects.clone())
    }

    fn instance(routes: Routes, setup: &Setup, engine: Engine, objects: engine_s3::Engine) -> Self {
        let lookup = |name: &str| {
            setup
                .variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.clone())
        };
        let secret = "a test secret of at least 32 characters".to_owned();
        let mut config =
            Config::read(&Source(&lookup), Some(secret)).expect("test configuration is valid");
        config.base_url = "http://argus.example".into();
        // A directory may hold what a real process stored, under the usual name.
        if setup.directory.is_none() {
            config.bucket = BUCKET.into();
        }
        config.exclusive = !setup.shared;
        let client = match &setup.faults {
            Some(faults) => engine.client_with_faults(faults.clone()),
            None => engine.client(),
        };
        let client = match &setup.write_units {
            Some(units) => units.count(&client),
            None => client,
        };
        let client = match &setup.read_units {
            Some(units) => units.count(&client),
            None => client,
        };
        let s3 = objects.client("http://argus.example");
        let (client, s3) = match &setup.refusals {
            Some(refusals) => (refusals.table(&client), refusals.bucket(&s3)),
            None => (client, s3),
        };
        let store = Store::new(client, config.table.clone(), s3, config.bucket.clone());
        let clock = if setup.manual_clock {
            Clock::manual(START)
        } else {
            Clock::System
        };
        let services = Services::new(config, store, clock);
        let router = web::finish(routes, services.clone());
        Self {
            services,
            router,
            engine,
            objects,
        }
    }

    /// A caller without credential.
    pub fn anonymous(&self) -> Actor {
        Actor::new(self.router.clone(), None)
    }

    /// A caller with this bearer text.
    pub fn bearer(&self, bearer: &str) -> Actor {
        Actor::new(self.router.clone(), Some(bearer.to_owned()))
    }

    /// A user made directly in the store.
    pub async fn user(&self, name: &str, is_admin: bool) -> User {
        crate::build::user(&self.services, name, is_admin).await
    }

    /// A user's browser session.
    pub async fn session(&self, user: &User) -> Actor {
        self.bearer(&crate::build::session(&self.services, user).await)
    }

    /// A user's API token.
    pub async fn token(&self, user: &User, scope: TokenScope) -> Actor {
        self.bearer(&crate::build::token(&self.services, user, scope).await)
    }

    /// GET without credential.
    pub fn get(&self, path: &str) -> Call {
        self.anonymous().call(Method::GET, path)
    }

    /// POST without credential.
    pub fn post(&self, path: &str) -> Call {
        self.anonymous().call(Method::POST, path)
    }

    /// DELETE without credential.
    pub fn delete(&self, path: &str) -> Call {
        self.anonymous().call(Method::DELETE, path)
    }

    /// A fresh event id.
    pub fn event_id() -> String {
        format!("{:032x}", u128::from_le_bytes(entropy::bytes()))
    }
}
