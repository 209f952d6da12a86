//! How mails leave.

/// How mails leave.
#[derive(Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// Address they come from.
    pub from: String,
    /// Mail server.
    pub smtp: Option<SmtpConfig>,
    /// Region of Amazon SES, used when there is no mail server.
    pub ses_region: Option<String>,
}

/// How to reach a mail server.
#[derive(Clone, PartialEq, Eq)]
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
    /// Begin encrypted.
    pub use_ssl: bool,
}
