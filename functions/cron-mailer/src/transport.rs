//! The ways mails leave.

use crate::ses::Ses;
use mail::{Outgoing, SendError, Sender, Smtp, SmtpSettings, directory};
use runtime::aws::Signer;
use runtime::mail::{MailConfig, SmtpConfig};
use std::path::PathBuf;

/// A way mails leave.
pub enum Transport {
    /// A mail server.
    Smtp(Sender, Smtp),
    /// Amazon SES.
    Ses(Sender, Ses),
    /// Files in this directory; their links are logged, since nobody else reads them.
    Directory(Sender, PathBuf),
    /// Nowhere but the log: there is no data directory.
    Log,
    /// None is configured: mails wait for one.
    Missing,
    /// What is configured has no meaning: mails wait until somebody corrects it.
    Unusable(SendError),
}

impl Transport {
    /// What the configuration names: a mail server first, SES second, `None` for neither.
    pub async fn configured(config: &MailConfig) -> Result<Option<Self>, SendError> {
        let from = Sender::parse(&config.from)?;
        if let Some(smtp) = &config.smtp {
            return Ok(Some(Self::Smtp(from, Smtp::new(&settings(smtp))?)));
        }
        let Some(region) = &config.ses_region else {
            return Ok(None);
        };
        let signer = Signer::from_chain().await;
        let signer = signer.ok_or_else(|| SendError::passing("SES needs credentials of AWS"))?;
        let endpoint = runtime::aws::own_endpoint("SESV2");
        Ok(Some(Self::Ses(from, Ses::new(region, endpoint, signer)?)))
    }

    /// Sends a mail; it has been accepted when this returns.
    pub async fn send(&self, mail: &Outgoing<'_>) -> Result<(), SendError> {
        match self {
            Self::Smtp(from, smtp) => smtp.send(mail.build(from)?).await,
            Self::Ses(from, ses) => ses.send(&mail.build(from)?.formatted()).await,
            Self::Directory(from, directory) => {
                directory::write(directory, mail.id, &mail.build(from)?)?;
                let file = directory.join(format!("{}.eml", mail.id));
                tracing::info!(mail.to = %mail.to, mail.file = %file.display(), "mail {:?}", mail.subject);
                log_links(mail);
                Ok(())
            }
            Self::Log => {
                log_links(mail);
                Ok(())
            }
            Self::Unusable(problem) => Err(problem.clone()),
            Self::Missing => Err(SendError::passing(
                "no mail server is set, and neither is ARGUS_SES_REGION",
            )),
        }
    }
}

fn settings(config: &SmtpConfig) -> SmtpSettings {
    SmtpSettings {
        host: config.host.clone(),
        port: config.port,
        user: config.user.clone(),
        password: config.password.clone(),
        use_tls: config.use_tls,
        use_ssl: config.use_ssl,
    }
}

/// Whoever tries Argus on their own machine finds the link of a mail in the log. What ends mails is
/// of no use there, and what acts at one tap is for the person it was sent to.
fn log_links(mail: &Outgoing<'_>) {
    let links = mail.text.split_whitespace();
    let kept_back = ["/unsubscribe", "/guardrails/act"];
    let links = links.filter(|word| {
        word.starts_with("http") && !kept_back.iter().any(|part| word.contains(part))
    });
    for link in links {
        tracing::info!(mail.to = %mail.to, "link in mail {:?}: {link}", mail.subject);
    }
}
