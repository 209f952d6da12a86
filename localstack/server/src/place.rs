//! Where an export comes from and an import goes to: a data directory, or table and bucket of AWS.

use crate::data_dir::{DataDir, DataDirError};
use crate::start::{StartError, open_engines};
use runtime::vars::Source;
use runtime::{Config, Services};
use std::path::Path;
use store::Store;

/// A place that holds all state.
pub struct Place {
    /// The state.
    pub store: Store,
    engine: Option<engine_dynamodb::Engine>,
    _data: Option<DataDir>,
}

impl Place {
    /// The data directory at `path`, which no server may be working on.
    ///
    /// # Errors
    /// When it is in use or unusable; with `must_exist` also when there is none.
    pub async fn local(
        path: &Path,
        must_exist: bool,
        variables: &Source<'_>,
    ) -> Result<Self, StartError> {
        if must_exist && !path.join(crate::backup::TABLE).exists() {
            let error = DataDirError::unwritable(path, "there is no data in it");
            return Err(StartError::DataDir(error));
        }
        let data = DataDir::open(path)?;
        let secrets = data.secrets()?;
        let mut config = Config::read(variables, Some(secrets.jwt_secret.clone()))?;
        // Nobody listens, but addresses of objects begin with something.
        config.base_url = "http://localhost".to_owned();
        let (store, engine, _) = open_engines(&config, Some(&data), &secrets).await?;
        Ok(Self {
            store,
            engine: Some(engine),
            _data: Some(data),
        })
    }

    /// A table and a bucket, by the default chain of credentials.
    pub async fn aws(table: &str, bucket: &str) -> Self {
        Self {
            store: Services::store_of(table, bucket).await,
            engine: None,
            _data: None,
        }
    }

    /// Lets go of it in order.
    pub async fn close(self) {
        if let Some(engine) = self.engine {
            // What was answered is durable whatever happens here.
            let _ = tokio::task::spawn_blocking(move || engine.close()).await;
        }
    }
}
