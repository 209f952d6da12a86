//! From options to a serving process, and its orderly end.

use crate::data_dir::{DataDir, DataDirError, Secrets};
use crate::metrics::{self, Figures};
use crate::spills::{self, Notices};
use crate::{Options, guardrails, housekeeping, mailer, mount, rotation};
use api_ingest::Intake;
use axum::serve::ListenerExt;
use runtime::config::ConfigError;
use runtime::vars::{self, Source};
use runtime::{Clock, Config, Services};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError, schema};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How long requests under way may take to finish after the signal.
const GRACE: Duration = Duration::from_secs(10);

/// Why the server did not start. Each is one clear line for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting has no meaning.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// A storage engine did not open.
    #[error("storage in {0}: {1}")]
    Storage(String, String),
    /// Table or bucket could not be made.
    #[error("storage could not be prepared: {0}")]
    Prepare(#[from] StoreError),
    /// Mails could not leave as configured.
    #[error("mail: {0}")]
    Mail(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another --port or --host")]
    Listen(String, std::io::Error),
}

impl StartError {
    /// Exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Mail(_) => 2,
            Self::DataDir(DataDirError::InUse(_)) => 3,
            Self::DataDir(_) | Self::Storage(..) | Self::Prepare(_) => 4,
            Self::Listen(..) => 5,
        }
    }
}

/// A serving process.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its services.
    pub services: Services,
    server: JoinHandle<std::io::Result<()>>,
    chores: Vec<JoinHandle<()>>,
    table_engine: engine_dynamodb::Engine,
    _data: Option<DataDir>,
}

/// Opens storage, binds the port and serves.
pub async fn start(options: &Options, variables: &Source<'_>) -> Result<Running, StartError> {
    let data = match options.ephemeral {
        true => None,
        false => Some(DataDir::open(&options.data)?),
    };
    let secrets = data
        .as_ref()
        .map_or_else(|| Ok(Secrets::generate()), DataDir::secrets)?;
    let mut config = Config::read(variables, Some(secrets.jwt_secret.clone()))?;
    config.exclusive = true;
    let asked = format!("{}:{}", options.host, options.port);
    let listener = TcpListener::bind(&asked)
        .await
        .map_err(|e| StartError::Listen(asked.clone(), e))?;
    let address = listener
        .local_addr()
        .map_err(|e| StartError::Listen(asked, e))?;
    if config.base_url.is_empty() {
        config.base_url = format!("http://{address}");
    }
    if config.config_key.is_empty() {
        config.config_key.clone_from(&secrets.config_key);
    }
    let (store, table_engine, objects) = open_engines(&config, data.as_ref(), &secrets).await?;
    guard_setup(&mut config, &store, address).await?;
    let services = Services::new(config, store, Clock::System);
    let transport = mailer::fallback(&services, data.as_ref().map(DataDir::path)).await?;
    welcome(&services).await?;
    api_admin::demo::seed_if_missing(&services).await?;
    let intake = Arc::new(Intake::default());
    let (notices, uploads) = Notices::channel();
    let replays = spills::run(services.clone(), Arc::clone(&intake), uploads);
    let mut chores = vec![
        tokio::spawn(replays),
        tokio::spawn(mailer::run(services.clone(), transport)),
        tokio::spawn(guardrails::run(services.clone())),
        tokio::spawn(housekeeping::expire(table_engine.clone())),
        tokio::spawn(housekeeping::sweep(services.clone())),
        tokio::spawn(metrics::run()),
    ];
    if let Some(data) = &data {
        let rotation = rotation::run(services.clone(), data.path().to_owned());
        chores.push(tokio::spawn(rotation));
    }
    let figures = Figures {
        services: services.clone(),
        data: data.as_ref().map(|data| data.path().to_owned()),
        token: Some(variables.text(vars::METRICS_TOKEN)).filter(|token| !token.is_empty()),
    };
    let router = mount::router(services.clone(), objects, intake, notices, figures);
    // Frames and small answers must leave at once.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let mut down = services.shutdown.subscribe();
    let server = axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        let _ = down.wait_for(|down| *down).await;
    });
    let server = tokio::spawn(server.into_future());
    Ok(Running {
        address,
        services,
        server,
        chores,
        table_engine,
        _data: data,
    })
}

/// Whoever reaches a public port could become administrator before its owner does: there the
/// first one must bring a token that only this process's terminal shows.
async fn guard_setup(
    config: &mut Config,
    store: &Store,
    address: SocketAddr,
) -> Result<(), StartError> {
    let guarded = address.ip().is_loopback() || config.setup_token.is_some();
    if guarded || store.has_admin().await? {
        return Ok(());
    }
    let token = hex::encode(runtime::entropy::bytes::<16>());
    eprintln!("argus-local: setup token of the first administrator: {token}");
    eprintln!(
        "argus-local: register at {}/register?setup_token={token}",
        config.base_url
    );
    config.setup_token = Some(token);
    Ok(())
}

/// Opens both engines, with table and bucket in them.
pub(crate) async fn open_engines(
    config: &Config,
    data: Option<&DataDir>,
    secrets: &Secrets,
) -> Result<(Store, engine_dynamodb::Engine, s3s::service::S3Service), StartError> {
    let place = data.map_or_else(|| "memory".into(), |d| d.path().display().to_string());
    let failed = |e: &dyn std::fmt::Display| StartError::Storage(place.clone(), e.to_string());
    let table_engine = engine_dynamodb::Engine::open(match data {
        Some(data) => engine_dynamodb::Location::Dir(data.path().to_owned()),
        None => engine_dynamodb::Location::Memory,
    })
    .map_err(|e| failed(&e))?;
    let credentials = engine_s3::Credentials {
        access_key: secrets.s3_access_key.clone(),
        secret_key: secrets.s3_secret_key.clone(),
    };
    let object_engine = engine_s3::Engine::open(
        match data {
            Some(data) => engine_s3::Location::Dir(data.path().to_owned()),
            None => engine_s3::Location::Memory,
        },
        credentials,
    )
    .map_err(|e| failed(&e))?;
    let s3 = object_engine.client(&config.base_url);
    let store = Store::new(
        table_engine.client(),
        config.table.clone(),
        s3,
        config.bucket.clone(),
    );
    schema::create_table(&store.table).await?;
    store.blobs.create_bucket().await?;
    Ok((store, table_engine, object_engine.service()))
}

/// Tells a new installation's owner what to do first.
async fn welcome(services: &Services) -> Result<(), StartError> {
    if !services.store.has_admin().await? {
        tracing::info!(
            "no account yet: open {}/register, the first account becomes administrator",
            services.config.base_url
        );
    }
    Ok(())
}

impl Running {
    /// Ends in order: no new connections, requests under way finish, streams say `retry:`.
    pub async fn shut_down(self) {
        self.services.shutdown.send_replace(true);
        if tokio::time::timeout(GRACE, self.server).await.is_err() {
            tracing::warn!("some requests did not finish within {} s", GRACE.as_secs());
        }
        for chore in self.chores {
            chore.abort();
        }
        let engine = self.table_engine;
        let _ = tokio::task::spawn_blocking(move || engine.close()).await;
    }
}
