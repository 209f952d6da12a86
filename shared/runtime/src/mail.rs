//! How mails leave, as configured.

use crate::vars::{self, Source, VarError};

/// How mails leave.
#[derive(Clone)]
pub struct MailConfig {
    /// Address they come from.
    pub from: String,
    /// Mail server.
    pub smtp: Option<SmtpConfig>,
    /// Region of Amazon SES, used when there is no mail server.
    pub ses_region: Option<String>,
}

/// How to reach a mail server.
#[derive(Clone)]
pub struct SmtpConfig {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User; empty: no login.
    pub user: String,
    /// Password.
    pub password: String,
    /// Refuse to go on without encryption.
    pub use_tls: bool,
}

impl MailConfig {
    /// Reads everything from `source`.
    pub fn read(source: &Source<'_>) -> Result<Self, VarError> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let port = source.number(vars::SMTP_PORT)?;
        let port = u16::try_from(port).ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| VarError {
            name: vars::SMTP_PORT.name,
            problem: "must be a port",
            value: source.text(vars::SMTP_PORT),
        })?;
        let use_tls = source.flag(vars::SMTP_USE_TLS)?;
        Ok(Self {
            from: source.text(vars::SMTP_FROM),
            smtp: some(source.text(vars::SMTP_HOST)).map(|host| SmtpConfig {
                host,
                port,
                user: source.text(vars::SMTP_USER),
                password: source.text(vars::SMTP_PASS),
                use_tls,
            }),
            ses_region: some(source.text(vars::SES_REGION)),
        })
    }
}
