//! Everything a handler may use, built once per process.

use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::credentials::Credentials;
use crate::outbound::Outbound;
use crate::settings::{Settings, Values};
use crate::vars::{self, Source};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;
use store::{Store, StoreError};

/// Shared services of a process. Cheap to clone.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

/// What [`Services`] points at.
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// All stored state.
    pub store: Store,
    /// Time.
    pub clock: Clock,
    /// Turns bearer texts into identities.
    pub credentials: Credentials,
    /// What administrators change while the server runs.
    pub settings: Settings,
    /// Calls to other services.
    pub outbound: Outbound,
    /// Told once when the process begins to shut down; live streams end on it.
    pub shutdown: tokio::sync::watch::Sender<bool>,
}

impl Deref for Services {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Services {
    /// Services over a ready store.
    pub fn new(config: Config, store: Store, clock: Clock) -> Self {
        let credentials = Credentials::new(&config);
        let settings = Settings::new(&config);
        let (shutdown, _) = tokio::sync::watch::channel(false);
        Self(Arc::new(Inner {
            config,
            store,
            clock,
            credentials,
            settings,
            outbound: Outbound::default(),
            shutdown,
        }))
    }

    /// What administrators set, at most seconds old.
    pub async fn settings(&self) -> Result<Arc<Values>, StoreError> {
        self.settings.values(&self.store, self.clock.now()).await
    }

    /// Counts a run of a function nobody asked over HTTP, which began then, and hands over what it measured.
    pub async fn ran_since(&self, begun: Instant) {
        self.store.spending.answered(begun.elapsed(), 0);
        self.save_spending().await;
        crate::telemetry::hand_over();
    }

    /// Writes what this process did, if it is time to. That it fails stops nothing.
    pub async fn save_spending(&self) {
        if self.store.spending.is_due()
            && let Err(cause) = self.store.save_spending(self.clock.now()).await
        {
            tracing::warn!(%cause, "what this process did was not written");
        }
    }

    /// Services of a Lambda function: configuration from the environment, clients from the
    /// default credentials chain, endpoints overridable by `AWS_ENDPOINT_URL*`.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let source = Source(&vars::environment);
        crate::telemetry::init(&source, None);
        crate::telemetry::measure_for_cloudwatch(&source);
        let config = Config::read(&source, None)?;
        let store = Self::store_of(&config.table, &config.bucket).await;
        Ok(Self::new(config, store, Clock::System))
    }

    /// A table and a bucket by name, with clients from the default credentials chain, endpoints
    /// overridable by `AWS_ENDPOINT_URL*`.
    pub async fn store_of(table: &str, bucket: &str) -> Store {
        let shared = crate::aws::shared_config().await;
        let own_endpoint = crate::aws::own_endpoint("S3").is_some();
        // Emulators and self-hosted stores rarely have a DNS name per bucket.
        let s3 = aws_sdk_s3::config::Builder::from(&shared)
            .force_path_style(own_endpoint)
            .build();
        Store::new(
            aws_sdk_dynamodb::Client::new(&shared),
            table.to_owned(),
            aws_sdk_s3::Client::from_conf(s3),
            bucket.to_owned(),
        )
    }
}
