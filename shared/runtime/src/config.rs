//! Configuration, read and checked as a whole before anything is served.

use crate::settings::catalogue;
use crate::vars::{self, Source, VarError};
use auth::seal::Seal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Settings of one server process.
#[derive(Clone)]
pub struct Config {
    /// DynamoDB table.
    pub table: String,
    /// S3 bucket.
    pub bucket: String,
    /// Public address of the web UI without trailing slash.
    pub base_url: String,
    /// Key that signs sessions.
    pub jwt_secret: String,
    /// Seals secrets at rest; empty: made from the JWT secret.
    pub config_key: String,
    /// What the first account must bring to become administrator; `None`: nothing.
    pub setup_token: Option<String>,
    /// GitHub's web and API addresses.
    pub github_urls: (String, String),
    /// `iss` of session tokens.
    pub jwt_issuer: String,
    /// Life of a session, seconds.
    pub jwt_ttl_secs: i64,
    /// Seconds a verification link works.
    pub email_verify_ttl_secs: i64,
    /// Seconds a password reset link works.
    pub password_reset_ttl_secs: i64,
    /// Seconds a link that confirms a new address works.
    pub email_change_ttl_secs: i64,
    /// Mail people when somebody logs in as them from a new place.
    pub alert_new_places: bool,
    /// Make no sample data at start.
    pub skip_demo_seed: bool,
    /// Seconds until a stream ends itself; `None`: never.
    pub stream_max_secs: Option<u64>,
    /// Seconds without news until a stream ends itself; `None`: never.
    pub stream_idle_secs: Option<u64>,
    /// Artifacts above this many bytes are downloaded from the bucket; `None`: never.
    pub artifact_redirect_bytes: Option<u64>,
    /// What the environment says of the settings an administrator can change, by name.
    pub settings: BTreeMap<String, Value>,
    /// Region of Amazon SES, used when there is no mail server.
    pub ses_region: Option<String>,
    /// Mail servers an administrator may test; empty: any.
    pub smtp_hosts: Vec<String>,
    /// Channels may reach private addresses and plain http.
    pub channels_allow_private: bool,
    /// Reverse proxies whose word on a client's address is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// What the front door before a function proves itself by; `None`: there is no such door.
    pub door_secret: Option<Arc<str>>,
    /// Minutes between sweeps on one machine; `None`: none.
    pub sweep_minutes: Option<u64>,
    /// Hours between backups of the data directory; `None`: none.
    pub backup_hours: Option<u64>,
    /// Backups that are kept.
    pub backups_kept: usize,
    /// Fastest feed polling, milliseconds.
    pub feed_poll_ms: u64,
    /// This process is the only writer of its table (one machine): caches are authoritative.
    pub exclusive: bool,
}

/// This installation as an identity provider knows it.
#[derive(Clone)]
pub struct Client {
    /// Public id.
    pub id: String,
    /// Secret.
    pub secret: String,
}

/// Configuration that cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable has no meaning.
    #[error(transparent)]
    Var(#[from] VarError),
    /// The signing key is missing or short.
    #[error("ARGUS_JWT_SECRET must be set to at least 32 characters")]
    JwtSecret,
}

impl Config {
    /// Reads everything from `source`. `fallback_secret` signs sessions when no
    /// `ARGUS_JWT_SECRET` is set (a machine-made key kept in the data directory).
    pub fn read(source: &Source<'_>, fallback_secret: Option<String>) -> Result<Self, ConfigError> {
        let own_secret = Some(source.text(vars::JWT_SECRET)).filter(|s| !s.is_empty());
        if own_secret.as_ref().is_some_and(|s| s.len() < 32)
            || (own_secret.is_none() && source.text(vars::ENV) == "prod")
        {
            return Err(ConfigError::JwtSecret);
        }
        let positive = |var| source.number(var).map(|n| Some(n).filter(|n| *n > 0));
        let address = |var| source.text(var).trim_end_matches('/').to_owned();
        Ok(Self {
            table: source.text(vars::TABLE),
            bucket: source.text(vars::BUCKET),
            base_url: address(vars::BASE_URL),
            jwt_secret: own_secret
                .or(fallback_secret)
                .ok_or(ConfigError::JwtSecret)?,
            config_key: source.text(vars::CONFIG_KEY),
            setup_token: Some(source.text(vars::SETUP_TOKEN)).filter(|text| !text.is_empty()),
            github_urls: (address(vars::GITHUB_URL), address(vars::GITHUB_API_URL)),
            jwt_issuer: source.text(vars::JWT_ISSUER),
            jwt_ttl_secs: clamp(source.number(vars::JWT_TTL_SECONDS)?, 60, 31_536_000),
            email_verify_ttl_secs: clamp(source.number(vars::EMAIL_VERIFY_TTL_HOURS)?, 1, 720)
                * 3600,
            password_reset_ttl_secs: clamp(
                source.number(vars::PASSWORD_RESET_TTL_MINUTES)?,
                1,
                1440,
            ) * 60,
            email_change_ttl_secs: clamp(source.number(vars::EMAIL_CHANGE_TTL_HOURS)?, 1, 720)
                * 3600,
            alert_new_places: source.flag(vars::ALERTS_ANOMALOUS_LOGIN)?,
            skip_demo_seed: source.flag(vars::SKIP_DEMO_SEED)?,
            stream_max_secs: positive(vars::STREAM_MAX_S)?,
            stream_idle_secs: positive(vars::STREAM_IDLE_S)?,
            artifact_redirect_bytes: positive(vars::ARTIFACT_REDIRECT_KB)?
                .map(|kib| kib.saturating_mul(1024)),
            settings: catalogue::read(source)?,
            ses_region: Some(source.text(vars::SES_REGION)).filter(|region| !region.is_empty()),
            smtp_hosts: list(&source.text(vars::SMTP_HOST_ALLOWLIST)),
            channels_allow_private: source.flag(vars::CHANNELS_ALLOW_PRIVATE)?,
            trusted_proxies: addresses(source)?,
            door_secret: Some(source.text(vars::DOOR_SECRET))
                .filter(|text| !text.is_empty())
                .map(Into::into),
            sweep_minutes: positive(vars::RETENTION_SWEEP_MINUTES)?.map(|n| n.min(10_080)),
            backup_hours: positive(vars::BACKUP_INTERVAL_H)?.map(|n| n.min(8_760)),
            backups_kept: clamp(source.number(vars::BACKUP_KEEP_LAST_N)?, 1, 10_000) as usize,
            feed_poll_ms: clamp(source.number(vars::FEED_POLL_MS)?, 20, 60_000) as u64,
            exclusive: false,
        })
    }

    /// Seals secrets at rest.
    pub fn seal(&self) -> Seal {
        match self.config_key.as_str() {
            "" => Seal::new(&self.jwt_secret),
            own => Seal::new(own),
        }
    }
}

fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').map(|part| part.trim().to_lowercase());
    parts.filter(|part| !part.is_empty()).collect()
}

fn addresses(source: &Source<'_>) -> Result<Vec<IpAddr>, VarError> {
    let parts = list(&source.text(vars::TRUSTED_PROXIES)).into_iter();
    let read = parts.map(|value| {
        value.parse().map_err(|_| VarError {
            name: vars::TRUSTED_PROXIES.name,
            problem: "must be IP addresses separated by commas",
            value,
        })
    });
    read.collect()
}

fn clamp(value: u64, low: i64, high: i64) -> i64 {
    i64::try_from(value).unwrap_or(high).clamp(low, high)
}
