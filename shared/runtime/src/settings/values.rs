//! What the settings come to.

use super::catalogue::{self, FLAGS};
use crate::config::Client;
use crate::mail::{MailConfig, SmtpConfig};
use domain::guardrail::Thresholds;
use domain::guardrail::finding::Price;
use domain::notice::Words;
use domain::retention::Retention;
use mail::{Override, RenderError, Rendered, Template, render};
use serde_json::Value;
use std::collections::BTreeMap;
use store::mail_templates::StoredTemplate;
use store::settings::StoredSettings;
use wire::Locale;

/// Bytes of a KiB.
const KIB: u64 = 1024;
/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody set it.
    Stored,
    /// The environment.
    Environment,
    /// Nobody said anything.
    Default,
}

impl Origin {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "db",
            Self::Environment => "env",
            Self::Default => "default",
        }
    }
}

/// What ingest takes of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngestLimits {
    /// Requests per second, sustained.
    pub rate_per_s: u32,
    /// Requests at once.
    pub burst: u32,
    /// Bytes of a request's body.
    pub body_bytes: usize,
}

/// What looks after running batches.
#[derive(Clone)]
pub struct Guardrails {
    /// It does at all.
    pub enabled: bool,
    /// From when on something counts as wrong.
    pub thresholds: Thresholds,
    /// What idle GPUs cost.
    pub price: Price,
    /// Asked after every good look; empty: none. Holds a secret.
    pub heartbeat_url: String,
}

/// All settings at one revision.
pub struct Values {
    rev: Option<u64>,
    stored: StoredSettings,
    opened: BTreeMap<String, Value>,
    environment: BTreeMap<String, Value>,
    templates: Vec<StoredTemplate>,
    /// Strangers may register.
    pub registration_open: bool,
    /// Logins by password need a confirmed address.
    pub email_verification_required: bool,
    /// Login with GitHub, if set up.
    pub github: Option<Client>,
    /// Address GitHub sends people back to; empty: the usual one.
    pub github_callback: String,
    /// Login with an OpenID Connect provider, if set up.
    pub oidc: Option<Client>,
    /// Its issuer.
    pub oidc_issuer: String,
    /// Claim that lists groups, and the group that makes administrators (empty: none).
    pub oidc_groups: (String, String),
    /// How mails leave.
    pub mail: MailConfig,
    /// What is kept how long.
    pub retention: Retention,
    /// Wrong passwords until the lock.
    pub login_max_failures: u32,
    /// Seconds an account stays locked.
    pub login_lock_secs: i64,
    /// Bytes of the largest artifact sent directly.
    pub artifact_file_bytes: u64,
    /// Bytes of all artifacts of a job.
    pub artifact_job_bytes: u64,
    /// What ingest takes.
    pub ingest: IngestLimits,
    /// An installation of one machine makes sample data for visitors when it starts without.
    pub demo_enabled: bool,
    /// What looks after running batches.
    pub guardrails: Guardrails,
}

/// Values of the layers, before they have a meaning.
struct Layers<'a>(&'a BTreeMap<String, Value>, &'a BTreeMap<String, Value>);

impl Layers<'_> {
    fn get(&self, group: &str, key: &str) -> Value {
        self.origin(group, key).1
    }

    fn origin(&self, group: &str, key: &str) -> (Origin, Value) {
        let name = catalogue::name(group, key);
        let entry = catalogue::find(group, key);
        // A value that has no meaning (any more) does not count.
        let fits = |value: &&Value| entry.is_none_or(|entry| entry.check(value).is_ok());
        if let Some(value) = self.0.get(&name).filter(fits) {
            return (Origin::Stored, value.clone());
        }
        if let Some(value) = self.1.get(&name) {
            return (Origin::Environment, value.clone());
        }
        let default = entry.map_or(Value::Null, |entry| entry.default_value());
        (Origin::Default, default)
    }

    fn flag(&self, group: &str, key: &str) -> bool {
        self.get(group, key).as_bool().unwrap_or_default()
    }

    fn text(&self, group: &str, key: &str) -> String {
        let value = self.get(group, key);
        value.as_str().unwrap_or_default().trim().to_owned()
    }

    fn number(&self, group: &str, key: &str) -> u64 {
        self.get(group, key).as_u64().unwrap_or_default()
    }

    fn guardrails(&self) -> Guardrails {
        let minutes = |key| u32::try_from(self.number("guardrails", key)).unwrap_or(u32::MAX);
        let decimal = |key| self.get("guardrails", key).as_f64().unwrap_or_default();
        let window = self.number("guardrails", "divergence_window");
        Guardrails {
            enabled: self.flag("guardrails", "enabled"),
            thresholds: Thresholds {
                stall_min: minutes("stall_timeout_min"),
                stop_grace_min: minutes("stop_grace_min"),
                idle_min: minutes("idle_threshold_min"),
                divergence_ratio: decimal("divergence_ratio"),
                divergence_window: usize::try_from(window).unwrap_or(usize::MAX),
                idle_auto_stop: false,
            },
            price: Price {
                hour: decimal("gpu_hour_price"),
                currency: self.text("guardrails", "currency"),
            },
            heartbeat_url: self.text("guardrails", "heartbeat_url"),
        }
    }

    fn client(&self, provider: &str) -> Option<Client> {
        let text = |part: &str| self.text("oauth", &format!("{provider}_{part}"));
        let (id, secret) = (text("client_id"), text("client_secret"));
        let wanted = self.flag("oauth", &format!("{provider}_enabled"));
        (wanted && !id.is_empty() && !secret.is_empty()).then_some(Client { id, secret })
    }

    fn ingest(&self) -> IngestLimits {
        let number = |key| self.number("ingest", key);
        let small = |key| u32::try_from(number(key)).unwrap_or(u32::MAX);
        let body = number("body_kb").saturating_mul(KIB);
        IngestLimits {
            rate_per_s: small("rate_per_s"),
            burst: small("burst"),
            body_bytes: usize::try_from(body).unwrap_or(usize::MAX),
        }
    }

    fn mail(&self, ses_region: Option<String>) -> MailConfig {
        let text = |key| self.text("smtp", key);
        let host = Some(text("host")).filter(|host| !host.is_empty());
        let host = host.filter(|_| self.flag("smtp", "enabled"));
        MailConfig {
            from: text("from"),
            smtp: host.map(|host| SmtpConfig {
                host,
                port: u16::try_from(self.number("smtp", "port")).unwrap_or(u16::MAX),
                user: text("user"),
                password: text("password"),
                use_tls: self.flag("smtp", "use_tls"),
                use_ssl: self.flag("smtp", "use_ssl"),
            }),
            ses_region,
        }
    }
}

impl Values {
    pub(super) fn new(
        rev: Option<u64>,
        stored: StoredSettings,
        (opened, environment): (BTreeMap<String, Value>, BTreeMap<String, Value>),
        templates: Vec<StoredTemplate>,
        ses_region: Option<String>,
    ) -> Self {
        let of = Layers(&opened, &environment);
        let oidc_issuer = of.text("oauth", "oidc_issuer");
        let days = |key| of.number("retention", key);
        let limit = |key| of.number("limits", key);
        Self {
            registration_open: of.flag(FLAGS, "registration_open"),
            email_verification_required: of.flag(FLAGS, "email_verification_required"),
            github: of.client("github"),
            github_callback: of.text("oauth", "github_callback"),
            oidc: of.client("oidc").filter(|_| !oidc_issuer.is_empty()),
            oidc_issuer,
            oidc_groups: (
                of.text("oauth", "oidc_group_claim"),
                of.text("oauth", "oidc_admin_group"),
            ),
            mail: of.mail(ses_region),
            retention: Retention {
                snapshot_days: days("snapshot_days"),
                log_line_days: days("log_line_days"),
                job_epoch_days: days("job_epoch_days"),
                event_other_days: days("event_other_days"),
                demo_data_days: days("demo_data_days"),
                grace_days: days("grace_days"),
            },
            login_max_failures: u32::try_from(limit("login_max_failures")).unwrap_or(u32::MAX),
            login_lock_secs: i64::try_from(limit("login_lock_minutes")).unwrap_or(10_080) * 60,
            artifact_file_bytes: limit("artifact_max_file_mb") * MIB,
            artifact_job_bytes: limit("artifact_max_job_mb") * MIB,
            ingest: of.ingest(),
            demo_enabled: of.flag("demo", "enabled"),
            guardrails: of.guardrails(),
            rev,
            stored,
            opened,
            environment,
            templates,
        }
    }

    /// Revision of what is stored.
    pub fn rev(&self) -> Option<u64> {
        self.rev
    }

    /// What is stored, secrets sealed.
    pub fn stored(&self) -> &StoredSettings {
        &self.stored
    }

    /// The value of a setting and where it comes from. Holds secrets: not for answers.
    pub fn get(&self, group: &str, key: &str) -> (Origin, Value) {
        Layers(&self.opened, &self.environment).origin(group, key)
    }

    /// The words somebody wrote for a mail.
    pub fn template(&self, template: &str, locale: &str) -> Option<&StoredTemplate> {
        let mut all = self.templates.iter();
        all.find(|stored| stored.template == template && stored.locale == locale)
    }

    /// Fills a mail's template: in the words somebody wrote for it, else in the built-in ones.
    ///
    /// # Errors
    /// When the built-in words need a fact that is missing.
    pub fn filled(
        &self,
        template: Template,
        locale: Locale,
        words: &Words,
    ) -> Result<Rendered, RenderError> {
        let own = self.template(template.as_str(), locale.as_str());
        let own = own.map(|own| Override {
            subject: own.subject.clone(),
            text: own.text.clone(),
            html: own.html.clone(),
        });
        match render(template, locale, words, own.as_ref()) {
            // Words that cannot be filled must not keep people from what they need to know.
            Err(problem) if own.is_some() => {
                tracing::warn!(%problem, "the own words of mail {} cannot be used", template.as_str());
                render(template, locale, words, None)
            }
            done => done,
        }
    }
}
