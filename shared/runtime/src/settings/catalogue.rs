//! Every setting an administrator can change while the server runs.

use crate::vars::{self, Source, Var, VarError};
use domain::guardrail::thresholds::MOST_MINUTES;
use domain::limits::TRACE_POINTS;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number in between.
    Number(u64, u64),
    /// Any number in between.
    Decimal(u32, u32),
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Group.
    pub group: &'static str,
    /// Key in the group.
    pub key: &'static str,
    /// What a value is.
    pub kind: Kind,
    /// Sealed at rest, never shown.
    pub secret: bool,
    /// Variable that counts while nothing is stored.
    pub var: Option<Var>,
    /// What counts while that is not set either.
    pub default: &'static str,
    /// One line of documentation.
    pub about: &'static str,
}

/// Groups in the order they are shown.
pub const GROUPS: [&str; 8] = [
    "oauth",
    "smtp",
    "retention",
    "limits",
    "guardrails",
    "ingest",
    "demo",
    FLAGS,
];
/// Group of the flags, whose keys anybody may invent.
pub const FLAGS: &str = "feature_flags";

const fn var(group: &'static str, key: &'static str, kind: Kind, var: Var) -> Entry {
    Entry {
        group,
        key,
        kind,
        secret: false,
        var: Some(var),
        default: var.default,
        about: var.about,
    }
}

const fn secret(entry: Entry) -> Entry {
    Entry {
        secret: true,
        ..entry
    }
}

const fn own(
    group: &'static str,
    key: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
) -> Entry {
    Entry {
        group,
        key,
        kind,
        secret: false,
        var: None,
        default,
        about,
    }
}

/// Longest text of a setting, in characters.
const LONG: Kind = Kind::Text(1024);
const DAYS: Kind = Kind::Number(0, 36_500);
const MINUTES: Kind = Kind::Number(1, MOST_MINUTES as u64);

/// All settings, in order.
pub const ALL: &[Entry] = &[
    own(
        "oauth",
        "github_enabled",
        Kind::Flag,
        "true",
        "Offer login with GitHub, once id and secret are set.",
    ),
    var("oauth", "github_client_id", LONG, vars::GITHUB_CLIENT_ID),
    secret(var(
        "oauth",
        "github_client_secret",
        LONG,
        vars::GITHUB_CLIENT_SECRET,
    )),
    own(
        "oauth",
        "github_callback",
        LONG,
        "",
        "Address GitHub sends people back to; empty: made from the public address.",
    ),
    own(
        "oauth",
        "oidc_enabled",
        Kind::Flag,
        "true",
        "Offer login with the OpenID Connect provider, once it is set up.",
    ),
    var("oauth", "oidc_issuer", LONG, vars::OIDC_ISSUER),
    var("oauth", "oidc_client_id", LONG, vars::OIDC_CLIENT_ID),
    secret(var(
        "oauth",
        "oidc_client_secret",
        LONG,
        vars::OIDC_CLIENT_SECRET,
    )),
    var("oauth", "oidc_group_claim", LONG, vars::OIDC_GROUP_CLAIM),
    var("oauth", "oidc_admin_group", LONG, vars::OIDC_ADMIN_GROUP),
    own(
        "smtp",
        "enabled",
        Kind::Flag,
        "true",
        "Send through the mail server, once its host is set.",
    ),
    var("smtp", "host", Kind::Text(255), vars::SMTP_HOST),
    var("smtp", "port", Kind::Number(1, 65_535), vars::SMTP_PORT),
    var("smtp", "user", Kind::Text(255), vars::SMTP_USER),
    secret(var("smtp", "password", LONG, vars::SMTP_PASS)),
    var("smtp", "from", Kind::Text(512), vars::SMTP_FROM),
    var("smtp", "use_tls", Kind::Flag, vars::SMTP_USE_TLS),
    own(
        "smtp",
        "use_ssl",
        Kind::Flag,
        "false",
        "Begin the connection encrypted, as always on port 465.",
    ),
    var(
        "retention",
        "snapshot_days",
        DAYS,
        vars::RETENTION_SNAPSHOT_DAYS,
    ),
    var(
        "retention",
        "log_line_days",
        DAYS,
        vars::RETENTION_LOG_LINE_DAYS,
    ),
    var(
        "retention",
        "job_epoch_days",
        DAYS,
        vars::RETENTION_JOB_EPOCH_DAYS,
    ),
    var(
        "retention",
        "event_other_days",
        DAYS,
        vars::RETENTION_EVENT_OTHER_DAYS,
    ),
    var(
        "retention",
        "demo_data_days",
        DAYS,
        vars::RETENTION_DEMO_DATA_DAYS,
    ),
    var("retention", "grace_days", DAYS, vars::RETENTION_GRACE_DAYS),
    var(
        "limits",
        "login_max_failures",
        Kind::Number(1, 1000),
        vars::LOGIN_MAX_FAILURES,
    ),
    var(
        "limits",
        "login_lock_minutes",
        Kind::Number(1, 10_080),
        vars::LOGIN_LOCK_MINUTES,
    ),
    var(
        "limits",
        "artifact_max_file_mb",
        Kind::Number(1, 1024),
        vars::ARTIFACT_MAX_FILE_MB,
    ),
    var(
        "limits",
        "artifact_max_job_mb",
        Kind::Number(1, 1 << 30),
        vars::ARTIFACT_MAX_JOB_MB,
    ),
    var("guardrails", "enabled", Kind::Flag, vars::WATCHDOG_ENABLED),
    var(
        "guardrails",
        "stall_timeout_min",
        MINUTES,
        vars::STALL_TIMEOUT_MIN,
    ),
    own(
        "guardrails",
        "stop_grace_min",
        MINUTES,
        "10",
        "Minutes of silence after a stop request until a batch counts as stopped.",
    ),
    var(
        "guardrails",
        "idle_threshold_min",
        MINUTES,
        vars::IDLE_JOB_THRESHOLD_MIN,
    ),
    var(
        "guardrails",
        "divergence_ratio",
        Kind::Decimal(1, 1_000_000),
        vars::DIVERGENCE_RATIO,
    ),
    var(
        "guardrails",
        "divergence_window",
        Kind::Number(2, TRACE_POINTS as u64),
        vars::DIVERGENCE_WINDOW,
    ),
    own(
        "guardrails",
        "gpu_hour_price",
        Kind::Decimal(0, 1_000_000),
        "0",
        "What an hour of a GPU costs, for messages about idle ones; 0: not said.",
    ),
    own(
        "guardrails",
        "currency",
        Kind::Text(8),
        "USD",
        "Currency of that price.",
    ),
    secret(var(
        "guardrails",
        "heartbeat_url",
        LONG,
        vars::HEARTBEAT_URL,
    )),
    var(
        "ingest",
        "rate_per_s",
        Kind::Number(1, 1_000_000),
        vars::INGEST_RATE,
    ),
    var(
        "ingest",
        "burst",
        Kind::Number(1, 1_000_000),
        vars::INGEST_BURST,
    ),
    var(
        "ingest",
        "body_kb",
        Kind::Number(16, 32_768),
        vars::INGEST_BODY_KB,
    ),
    var("demo", "enabled", Kind::Flag, vars::DEMO_ENABLED),
    var(
        FLAGS,
        "registration_open",
        Kind::Flag,
        vars::REGISTRATION_OPEN,
    ),
    own(
        FLAGS,
        "email_verification_required",
        Kind::Flag,
        "false",
        "Refuse logins by password until the address is confirmed; administrators may always log in.",
    ),
];

/// The setting of a name.
pub fn find(group: &str, key: &str) -> Option<&'static Entry> {
    let mut all = ALL.iter();
    all.find(|entry| entry.group == group && entry.key == key)
}

impl Entry {
    /// Name among all settings.
    pub fn name(&self) -> String {
        name(self.group, self.key)
    }

    /// Why a value cannot be stored.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let fits = match self.kind {
            Kind::Flag => value.is_boolean(),
            Kind::Text(most) => value.as_str().is_some_and(|text| {
                text.chars().count() <= most && !text.contains(char::is_control)
            }),
            Kind::Number(low, high) => value.as_u64().is_some_and(|n| (low..=high).contains(&n)),
            Kind::Decimal(low, high) => value
                .as_f64()
                .is_some_and(|n| (f64::from(low)..=f64::from(high)).contains(&n)),
        };
        match (fits, self.kind) {
            (true, _) => Ok(()),
            (false, Kind::Flag) => Err("must be true or false".into()),
            (false, Kind::Text(most)) => {
                Err(format!("must be one line of at most {most} characters"))
            }
            (false, Kind::Number(low, high)) => {
                Err(format!("must be a whole number from {low} to {high}"))
            }
            (false, Kind::Decimal(low, high)) => {
                Err(format!("must be a number from {low} to {high}"))
            }
        }
    }

    /// What counts while nothing is set.
    pub fn default_value(&self) -> Value {
        match self.kind {
            Kind::Flag => Value::Bool(self.default == "true"),
            Kind::Text(_) => Value::String(self.default.to_owned()),
            Kind::Number(low, _) => Value::from(self.default.parse().unwrap_or(low)),
            Kind::Decimal(low, _) => Value::from(self.default.parse().unwrap_or(f64::from(low))),
        }
    }

    /// What its variable says, if it is set.
    fn in_variable(&self, source: &Source<'_>) -> Result<Option<Value>, VarError> {
        let Some(var) = self.var.filter(|var| source.has(*var)) else {
            return Ok(None);
        };
        let value = match self.kind {
            Kind::Flag => Value::Bool(source.flag(var)?),
            Kind::Text(_) => Value::String(source.text(var)),
            // As ever: what is out of bounds counts as the bound.
            Kind::Number(low, high) => Value::from(source.number(var)?.clamp(low, high)),
            Kind::Decimal(low, high) => {
                let number = source.decimal(var)?;
                Value::from(number.clamp(f64::from(low), f64::from(high)))
            }
        };
        Ok(Some(value))
    }
}

/// Name of a setting among all.
pub fn name(group: &str, key: &str) -> String {
    format!("{group}/{key}")
}

/// What the variables say, by name.
pub fn read(source: &Source<'_>) -> Result<BTreeMap<String, Value>, VarError> {
    let mut found = BTreeMap::new();
    for entry in ALL {
        if let Some(value) = entry.in_variable(source)? {
            found.insert(entry.name(), value);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_values_and_names_are_unique() {
        let mut names = std::collections::BTreeSet::new();
        for entry in ALL {
            assert_eq!(
                entry.check(&entry.default_value()),
                Ok(()),
                "{}",
                entry.name()
            );
            assert!(GROUPS.contains(&entry.group) && names.insert(entry.name()));
        }
    }
}
