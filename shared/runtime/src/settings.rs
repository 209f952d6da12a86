//! Settings an administrator changes while the server runs: what is stored counts first, the
//! environment second, the default last.
//!
//! Every instance looks at the stored row every few seconds; as long as its revision stays, so
//! does what was made of it.

pub mod catalogue;
mod values;

pub use values::{Guardrails, IngestLimits, Origin, Values};

use crate::config::Config;
use crate::entropy;
use auth::seal::Seal;
use domain::retention::Retention;
use domain::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use store::settings::{Setting, StoredSettings};
use store::{Store, StoreError};

/// Seconds after which stored settings are looked at again.
const LOOK_SECS: f64 = 3.0;
/// Seconds after which they are looked at again by whoever can wait: reports must not cost a read
/// each. Whatever depends on a change having reached every instance waits for longer than this.
const RETENTION_SECS: f64 = 300.0;

/// The settings of this process.
pub struct Settings {
    environment: BTreeMap<String, Value>,
    ses_region: Option<String>,
    /// Somebody sweeps. Without, nothing may end by itself: nobody would put off what running
    /// batches need.
    sweeps: bool,
    seal: Seal,
    held: RwLock<Option<Held>>,
}

struct Held {
    values: Arc<Values>,
    looked: Timestamp,
}

impl Settings {
    /// Settings over what the environment says.
    pub fn new(config: &Config) -> Self {
        Self {
            environment: config.settings.clone(),
            ses_region: config.ses_region.clone(),
            sweeps: config.sweep_minutes.is_some(),
            seal: config.seal(),
            held: RwLock::new(None),
        }
    }

    /// The settings, at most seconds old. Of many that ask at once one looks; while the store does
    /// not answer they stay as they were.
    pub async fn values(&self, store: &Store, now: Timestamp) -> Result<Arc<Values>, StoreError> {
        let fresh = |held: &Held| (0.0..LOOK_SECS).contains(&now.secs_since(held.looked));
        {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(held) = held.as_ref().filter(|held| fresh(held)) {
                return Ok(Arc::clone(&held.values));
            }
        }
        let before = {
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            match held.as_mut() {
                // Somebody else has begun to look.
                Some(held) if fresh(held) => return Ok(Arc::clone(&held.values)),
                Some(held) => {
                    held.looked = now;
                    Some(Arc::clone(&held.values))
                }
                None => None,
            }
        };
        match (self.look(store, now).await, before) {
            (Err(error), Some(values)) => {
                tracing::warn!(cause = %error, "settings could not be looked at");
                Ok(values)
            }
            (looked, _) => looked,
        }
    }

    /// How long detail is kept, at most minutes old; for ever when nobody sweeps.
    pub async fn retention(&self, store: &Store, now: Timestamp) -> Result<Retention, StoreError> {
        if !self.sweeps {
            return Ok(Retention::default());
        }
        match self.held_for(RETENTION_SECS, now) {
            Some(values) => Ok(values.retention),
            None => Ok(self.look(store, now).await?.retention),
        }
    }

    fn held_for(&self, secs: f64, now: Timestamp) -> Option<Arc<Values>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref()?;
        let fresh = (0.0..secs).contains(&now.secs_since(held.looked));
        fresh.then(|| Arc::clone(&held.values))
    }

    /// The settings as they are stored at this moment.
    pub async fn look(&self, store: &Store, now: Timestamp) -> Result<Arc<Values>, StoreError> {
        let found = store.settings().await?;
        let rev = found.as_ref().map(|found| found.rev);
        let same = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            let values = held.as_ref().map(|held| Arc::clone(&held.values));
            values.filter(|values| values.rev() == rev)
        };
        let values = match same {
            Some(values) => values,
            None => {
                let templates = match rev {
                    Some(_) => store.mail_templates().await?,
                    None => vec![],
                };
                let stored = found.map(|found| found.value).unwrap_or_default();
                let opened = self.opened(&stored);
                let layers = (opened, self.environment.clone());
                let region = self.ses_region.clone();
                Arc::new(Values::new(rev, stored, layers, templates, region))
            }
        };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        *held = Some(Held {
            values: Arc::clone(&values),
            looked: now,
        });
        Ok(values)
    }

    /// Text of a value as it is stored.
    pub fn closed(&self, name: &str, value: &Value, secret: bool) -> String {
        match secret {
            true => self
                .seal
                .close(&label(name), &value.to_string(), entropy::bytes()),
            false => value.to_string(),
        }
    }

    fn opened(&self, stored: &StoredSettings) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        for (name, setting) in &stored.values {
            match self.open(name, setting) {
                Some(value) => {
                    found.insert(name.clone(), value);
                }
                None => tracing::error!(
                    setting = %name,
                    "a stored setting cannot be opened: ARGUS_CONFIG_KEY or ARGUS_JWT_SECRET changed"
                ),
            }
        }
        found
    }

    fn open(&self, name: &str, setting: &Setting) -> Option<Value> {
        let json = match setting.sealed {
            true => self.seal.open(&label(name), &setting.value)?,
            false => setting.value.clone(),
        };
        serde_json::from_str(&json).ok()
    }
}

/// Name a secret is sealed under; differs from those of session keys.
fn label(name: &str) -> String {
    format!("setting {name}")
}
