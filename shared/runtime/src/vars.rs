//! Every environment variable the server reads, and nothing else reads any.

/// One variable: name, default as text, and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Var {
    /// Name in the environment.
    pub name: &'static str,
    /// Value used when unset.
    pub default: &'static str,
    /// One line of documentation.
    pub about: &'static str,
}

macro_rules! vars {
    ($($ident:ident = $name:literal, $default:literal, $about:literal;)*) => {
        $(#[doc = $about] pub const $ident: Var = Var { name: $name, default: $default, about: $about };)*
        /// All variables, in order of documentation.
        pub const ALL: &[Var] = &[$($ident),*];
    };
}

vars! {
    TABLE = "ARGUS_TABLE", "argus", "DynamoDB table.";
    BUCKET = "ARGUS_BUCKET", "argus", "S3 bucket.";
    BASE_URL = "ARGUS_BASE_URL", "", "Public address of the web UI, used in mails; empty: the listening address.";
    ENV = "ARGUS_ENV", "dev", "`prod` refuses to start without an own JWT secret.";
    LOG_LEVEL = "ARGUS_LOG_LEVEL", "info", "error, warn, info, debug or trace; or a filter such as `info,store=debug`.";
    LOG_FORMAT = "ARGUS_LOG_FORMAT", "text", "`json` writes every log line as a JSON object.";
    METRICS_TOKEN = "ARGUS_METRICS_TOKEN", "", "Whoever brings it as bearer may read `/metrics` of argus-local; empty: only this machine.";
    OTLP_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT", "", "OpenTelemetry collector to which argus-local sends spans, e.g. `http://127.0.0.1:4318`; empty: none.";
    OTLP_TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "", "The same with the whole path.";
    OTEL_SERVICE_NAME = "OTEL_SERVICE_NAME", "argus", "Name under which spans are sent.";
    CLOUDWATCH_FIGURES = "ARGUS_CLOUDWATCH_FIGURES", "false", "Hand figures to CloudWatch from Lambda functions. Each route and status is a metric of its own, billed by the hour in which it was used.";
    LAMBDA_FUNCTION = "AWS_LAMBDA_FUNCTION_NAME", "", "Set by Lambda; the dimension of figures in CloudWatch.";
    JWT_SECRET = "ARGUS_JWT_SECRET", "", "Key that signs sessions, at least 32 characters.";
    CONFIG_KEY = "ARGUS_CONFIG_KEY", "", "Seals secrets at rest (session keys made by rotation, secret settings); empty: made from the JWT secret, on one machine kept in the data directory.";
    SETUP_TOKEN = "ARGUS_SETUP_TOKEN", "", "If set, the first account becomes administrator only when it brings this text.";
    GITHUB_CLIENT_ID = "ARGUS_GITHUB_CLIENT_ID", "", "OAuth app for login with GitHub.";
    GITHUB_CLIENT_SECRET = "ARGUS_GITHUB_CLIENT_SECRET", "", "Secret of the OAuth app.";
    GITHUB_URL = "ARGUS_GITHUB_URL", "https://github.com", "GitHub's web address; differs for GitHub Enterprise.";
    GITHUB_API_URL = "ARGUS_GITHUB_API_URL", "https://api.github.com", "GitHub's API address.";
    OIDC_ISSUER = "ARGUS_OIDC_ISSUER", "", "Issuer of an OpenID Connect provider people may log in with.";
    OIDC_CLIENT_ID = "ARGUS_OIDC_CLIENT_ID", "", "Client id there.";
    OIDC_CLIENT_SECRET = "ARGUS_OIDC_CLIENT_SECRET", "", "Client secret there.";
    OIDC_GROUP_CLAIM = "ARGUS_OIDC_GROUP_CLAIM", "groups", "Claim of the ID token that lists groups.";
    OIDC_ADMIN_GROUP = "ARGUS_OIDC_ADMIN_GROUP", "", "Group whose members become administrators at login; empty: none.";
    JWT_ISSUER = "ARGUS_JWT_ISSUER", "argus", "`iss` of session tokens.";
    JWT_TTL_SECONDS = "ARGUS_JWT_TTL_SECONDS", "86400", "Life of a session token in seconds.";
    LOGIN_MAX_FAILURES = "ARGUS_LOGIN_MAX_FAILURES", "5", "Wrong passwords until an account is locked.";
    LOGIN_LOCK_MINUTES = "ARGUS_LOGIN_LOCK_MINUTES", "10", "Minutes an account stays locked.";
    EMAIL_VERIFY_TTL_HOURS = "ARGUS_EMAIL_VERIFY_TTL_HOURS", "24", "Hours a verification link works.";
    PASSWORD_RESET_TTL_MINUTES = "ARGUS_PASSWORD_RESET_TTL_MINUTES", "15", "Minutes a password reset link works.";
    EMAIL_CHANGE_TTL_HOURS = "ARGUS_EMAIL_CHANGE_TTL_HOURS", "168", "Hours a link that confirms a new address works.";
    ALERTS_ANOMALOUS_LOGIN = "ARGUS_ALERTS_ANOMALOUS_LOGIN_ENABLED", "true", "Mail people when somebody logs in as them from a new place.";
    REGISTRATION_OPEN = "ARGUS_REGISTRATION_OPEN", "true", "Whether strangers may create accounts (the first account always may).";
    INGEST_RATE = "ARGUS_INGEST_RATE", "500", "Ingest requests a token may make per second, sustained.";
    INGEST_BURST = "ARGUS_INGEST_BURST", "5000", "Ingest requests a token may make at once.";
    INGEST_BODY_KB = "ARGUS_INGEST_BODY_KB", "5120", "Largest body of an ingest request, in KiB.";
    DEMO_ENABLED = "ARGUS_DEMO_ENABLED", "false", "Make sample data for visitors at start, where there is none.";
    SKIP_DEMO_SEED = "ARGUS_SKIP_DEMO_SEED", "false", "Make no sample data at start, whatever the settings say.";
    STREAM_MAX_S = "ARGUS_STREAM_MAX_S", "0", "Seconds after which a live stream ends itself with a retry hint; 0: never.";
    STREAM_IDLE_S = "ARGUS_STREAM_IDLE_S", "0", "Seconds without news after which a live stream ends itself; 0: never.";
    ARTIFACT_MAX_FILE_MB = "ARGUS_ARTIFACT_MAX_FILE_MB", "50", "Largest artifact sent directly, in MiB; larger ones need an upload ticket.";
    ARTIFACT_MAX_JOB_MB = "ARGUS_ARTIFACT_MAX_JOB_MB", "500", "All artifacts of one job together, in MiB.";
    ARTIFACT_REDIRECT_KB = "ARGUS_ARTIFACT_REDIRECT_KB", "0", "Artifacts above this many KiB are downloaded from the bucket by redirect (an answer of a Lambda function is limited); 0: never.";
    SMTP_HOST = "ARGUS_SMTP_HOST", "", "Mail server; empty: none.";
    SMTP_PORT = "ARGUS_SMTP_PORT", "587", "Port of the mail server; on 465 the connection begins encrypted.";
    SMTP_USER = "ARGUS_SMTP_USER", "", "User at the mail server; empty: no login.";
    SMTP_PASS = "ARGUS_SMTP_PASS", "", "Password at the mail server.";
    SMTP_FROM = "ARGUS_SMTP_FROM", "noreply@argus.local", "Address mails come from, `name@host` or `Name <name@host>`.";
    SMTP_USE_TLS = "ARGUS_SMTP_USE_TLS", "true", "Refuse to send over an unencrypted connection.";
    SMTP_HOST_ALLOWLIST = "ARGUS_SMTP_HOST_ALLOWLIST", "", "Mail servers an administrator may test, separated by commas; empty: any.";
    RETENTION_SNAPSHOT_DAYS = "ARGUS_RETENTION_SNAPSHOT_DAYS", "7", "Days host snapshots are kept; 0: for ever.";
    RETENTION_LOG_LINE_DAYS = "ARGUS_RETENTION_LOG_LINE_DAYS", "14", "Days log lines are kept; 0: for ever.";
    RETENTION_JOB_EPOCH_DAYS = "ARGUS_RETENTION_JOB_EPOCH_DAYS", "30", "Days epochs are kept; 0: for ever.";
    RETENTION_EVENT_OTHER_DAYS = "ARGUS_RETENTION_EVENT_OTHER_DAYS", "90", "Days other events are kept; 0: for ever.";
    RETENTION_DEMO_DATA_DAYS = "ARGUS_RETENTION_DEMO_DATA_DAYS", "1", "Days snapshots of the demo host are kept; 0: for ever.";
    WATCHDOG_ENABLED = "ARGUS_WATCHDOG_ENABLED", "true", "Look after running batches every minute: stalls, idle GPUs, divergence, stop requests.";
    STALL_TIMEOUT_MIN = "ARGUS_STALL_TIMEOUT_MIN", "15", "Minutes of silence after which a batch is stalled.";
    IDLE_JOB_THRESHOLD_MIN = "ARGUS_IDLE_JOB_THRESHOLD_MIN", "10", "Minutes a job may leave its GPU unused until it is called idle.";
    DIVERGENCE_RATIO = "ARGUS_DIVERGENCE_RATIO", "2.0", "The newest validation loss over the first of the window, from which on a rising loss diverges.";
    DIVERGENCE_WINDOW = "ARGUS_DIVERGENCE_WINDOW", "3", "How many of the newest validation losses are looked at.";
    HEARTBEAT_URL = "ARGUS_HEARTBEAT_URL", "", "Address asked with GET after every good look at the running batches, for an outside service that notices when it stays away; empty: none.";
    RETENTION_GRACE_DAYS = "ARGUS_RETENTION_GRACE_DAYS", "7", "Days in which what was deleted can be restored; 0: until the next sweep.";
    RETENTION_SWEEP_MINUTES = "ARGUS_RETENTION_SWEEP_MINUTES", "60", "Minutes between sweeps of what is kept no longer (one machine; in the cloud a schedule says); 0: never.";
    BACKUP_INTERVAL_H = "ARGUS_BACKUP_INTERVAL_H", "6", "Hours between backups of the data directory (one machine); 0: none.";
    BACKUP_KEEP_LAST_N = "ARGUS_BACKUP_KEEP_LAST_N", "7", "Backups that are kept, newest first.";
    SES_REGION = "ARGUS_SES_REGION", "", "Region of Amazon SES to send mails through when there is no mail server; empty: none.";
    CHANNELS_ALLOW_PRIVATE = "ARGUS_CHANNELS_ALLOW_PRIVATE", "false", "Let notification channels reach private addresses and plain http (a chat server of the lab).";
    TRUSTED_PROXIES = "ARGUS_TRUSTED_PROXIES", "", "Addresses of reverse proxies before this server, separated by commas; their word on a client's address (X-Forwarded-For) is believed.";
    DOOR_SECRET = "ARGUS_DOOR_SECRET", "", "What the front door (CloudFront) proves itself by to a Lambda function; who comes without it is turned away. Empty: there is no door.";
    FEED_POLL_MS = "ARGUS_FEED_POLL_MS", "250", "Fastest polling of feeds where no in-process notification exists.";
}

/// Reads variables from wherever the caller keeps them (environment, test map).
pub struct Source<'a>(pub &'a dyn Fn(&str) -> Option<String>);

/// A variable that does not mean anything.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem} (got {value:?})")]
pub struct VarError {
    /// Variable.
    pub name: &'static str,
    /// What is wrong.
    pub problem: &'static str,
    /// What it was set to; never a secret, those are only checked for length.
    pub value: String,
}

impl Source<'_> {
    /// Whether a variable is set to anything.
    pub fn has(&self, var: Var) -> bool {
        (self.0)(var.name).is_some_and(|v| !v.trim().is_empty())
    }

    /// Text of a variable, its default when unset or blank.
    pub fn text(&self, var: Var) -> String {
        (self.0)(var.name)
            .filter(|v| !v.trim().is_empty())
            .unwrap_or_else(|| var.default.into())
    }

    /// A whole number.
    pub fn number(&self, var: Var) -> Result<u64, VarError> {
        let value = self.text(var);
        value.trim().parse().map_err(|_| VarError {
            name: var.name,
            problem: "must be a whole number",
            value,
        })
    }

    /// A number.
    pub fn decimal(&self, var: Var) -> Result<f64, VarError> {
        let value = self.text(var);
        let number = value.trim().parse().ok().filter(|n: &f64| n.is_finite());
        number.ok_or(VarError {
            name: var.name,
            problem: "must be a number",
            value,
        })
    }

    /// A switch: true/false, 1/0, yes/no, on/off.
    pub fn flag(&self, var: Var) -> Result<bool, VarError> {
        let value = self.text(var);
        match value.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(VarError {
                name: var.name,
                problem: "must be true or false",
                value,
            }),
        }
    }
}

/// The process environment.
// The one place that may: everything else goes through `Source`.
#[allow(clippy::disallowed_methods)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
