//! Configuration, read and checked as a whole before anything is served.

use crate::mail::MailConfig;
use crate::vars::{self, Source, VarError};

/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

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
    /// Login with GitHub, if set up.
    pub github: Option<Client>,
    /// GitHub's web and API addresses.
    pub github_urls: (String, String),
    /// Login with an OpenID Connect provider, if set up.
    pub oidc: Option<Client>,
    /// Its issuer.
    pub oidc_issuer: String,
    /// Claim that lists groups, and the group that makes administrators (empty: none).
    pub oidc_groups: (String, String),
    /// `iss` of session tokens.
    pub jwt_issuer: String,
    /// Life of a session, seconds.
    pub jwt_ttl_secs: i64,
    /// Wrong passwords until the lock.
    pub login_max_failures: u32,
    /// Seconds an account stays locked.
    pub login_lock_secs: i64,
    /// Seconds a verification link works.
    pub email_verify_ttl_secs: i64,
    /// Seconds a password reset link works.
    pub password_reset_ttl_secs: i64,
    /// Seconds a link that confirms a new address works.
    pub email_change_ttl_secs: i64,
    /// Mail people when somebody logs in as them from a new place.
    pub alert_new_places: bool,
    /// Strangers may register.
    pub registration_open: bool,
    /// Ingest requests per second and token.
    pub ingest_rate: u32,
    /// Ingest requests at once and token.
    pub ingest_burst: u32,
    /// Seconds until a stream ends itself; `None`: never.
    pub stream_max_secs: Option<u64>,
    /// Seconds without news until a stream ends itself; `None`: never.
    pub stream_idle_secs: Option<u64>,
    /// Bytes of the largest artifact sent directly.
    pub artifact_file_bytes: u64,
    /// Bytes of all artifacts of a job.
    pub artifact_job_bytes: u64,
    /// Artifacts above this many bytes are downloaded from the bucket; `None`: never.
    pub artifact_redirect_bytes: Option<u64>,
    /// How mails leave.
    pub mail: MailConfig,
    /// Channels may reach private addresses and plain http.
    pub channels_allow_private: bool,
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

fn client(source: &Source<'_>, id: vars::Var, secret: vars::Var) -> Option<Client> {
    let (id, secret) = (source.text(id), source.text(secret));
    (!id.is_empty() && !secret.is_empty()).then_some(Client { id, secret })
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
            github: client(source, vars::GITHUB_CLIENT_ID, vars::GITHUB_CLIENT_SECRET),
            github_urls: (address(vars::GITHUB_URL), address(vars::GITHUB_API_URL)),
            oidc: client(source, vars::OIDC_CLIENT_ID, vars::OIDC_CLIENT_SECRET)
                .filter(|_| !source.text(vars::OIDC_ISSUER).is_empty()),
            oidc_issuer: source.text(vars::OIDC_ISSUER),
            oidc_groups: (
                source.text(vars::OIDC_GROUP_CLAIM),
                source.text(vars::OIDC_ADMIN_GROUP),
            ),
            jwt_issuer: source.text(vars::JWT_ISSUER),
            jwt_ttl_secs: clamp(source.number(vars::JWT_TTL_SECONDS)?, 60, 31_536_000),
            login_max_failures: clamp(source.number(vars::LOGIN_MAX_FAILURES)?, 1, 1000) as u32,
            login_lock_secs: clamp(source.number(vars::LOGIN_LOCK_MINUTES)?, 1, 10_080) * 60,
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
            registration_open: source.flag(vars::REGISTRATION_OPEN)?,
            ingest_rate: clamp(source.number(vars::INGEST_RATE)?, 1, 1_000_000) as u32,
            ingest_burst: clamp(source.number(vars::INGEST_BURST)?, 1, 1_000_000) as u32,
            stream_max_secs: positive(vars::STREAM_MAX_S)?,
            stream_idle_secs: positive(vars::STREAM_IDLE_S)?,
            artifact_file_bytes: clamp(source.number(vars::ARTIFACT_MAX_FILE_MB)?, 1, 1024) as u64
                * MIB,
            artifact_job_bytes: clamp(source.number(vars::ARTIFACT_MAX_JOB_MB)?, 1, 1 << 30) as u64
                * MIB,
            artifact_redirect_bytes: positive(vars::ARTIFACT_REDIRECT_KB)?
                .map(|kib| kib.saturating_mul(1024)),
            mail: MailConfig::read(source)?,
            channels_allow_private: source.flag(vars::CHANNELS_ALLOW_PRIVATE)?,
            feed_poll_ms: clamp(source.number(vars::FEED_POLL_MS)?, 20, 60_000) as u64,
            exclusive: false,
        })
    }
}

fn clamp(value: u64, low: i64, high: i64) -> i64 {
    i64::try_from(value).unwrap_or(high).clamp(low, high)
}
