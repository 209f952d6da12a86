//! Delivery to a mail server.

use crate::error::SendError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// Longest wait for any one answer of the server.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Port on which the connection is encrypted from its first byte.
const SMTPS: u16 = 465;
/// Refusals that are about us, not about the mail: a corrected setting makes it pass.
const OURS: [&str; 4] = ["530", "534", "535", "538"];

/// How to reach a mail server.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Host.
    pub host: String,
    /// Port; on 465 the connection begins encrypted.
    pub port: u16,
    /// User; empty: no login.
    pub user: String,
    /// Password.
    pub password: String,
    /// Refuse to go on without encryption.
    pub use_tls: bool,
    /// Begin the connection encrypted, as always on port 465.
    pub use_ssl: bool,
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    password: String,
}

impl Smtp {
    /// A server by its settings; connects when something is sent.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SendError> {
        let tls = match settings.use_tls || settings.use_ssl {
            false => Tls::None,
            true => {
                let parameters = TlsParameters::new(settings.host.clone());
                let parameters = parameters.map_err(SendError::passing)?;
                match settings.use_ssl || settings.port == SMTPS {
                    true => Tls::Wrapper(parameters),
                    false => Tls::Required(parameters),
                }
            }
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
                .port(settings.port)
                .tls(tls)
                .timeout(Some(TIMEOUT));
        if !settings.user.is_empty() {
            let login = Credentials::new(settings.user.clone(), settings.password.clone());
            builder = builder.credentials(login);
        }
        Ok(Self {
            transport: builder.build(),
            password: settings.password.clone(),
        })
    }

    /// Hands a message to the server, which has accepted it when this returns.
    pub async fn send(&self, message: Message) -> Result<(), SendError> {
        let Err(error) = self.transport.send(message).await else {
            return Ok(());
        };
        let ours = error
            .status()
            .is_some_and(|code| OURS.contains(&code.to_string().as_str()));
        let is_final = error.is_permanent() && !ours;
        let mut text = describe(&error);
        // Servers repeat what they are told in strange places.
        if !self.password.is_empty() {
            text = text.replace(&self.password, "***");
        }
        Err(SendError { text, is_final })
    }
}

fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}
