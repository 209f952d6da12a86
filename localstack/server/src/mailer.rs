//! What a schedule does in the cloud: the outbox is emptied as soon as something is put into it.

use crate::data_dir::DataDirError;
use crate::start::StartError;
use cron_mailer::{Mailer, Transport, tick};
use runtime::Services;
use std::path::Path;
use std::time::Duration;

/// Messages handled in one round.
const ROUND: usize = 100;
/// Longest pause between looks at the outbox: some messages become due by themselves.
const PAUSE: Duration = Duration::from_secs(5);
/// Pause after storage failed.
const TROUBLE: Duration = Duration::from_secs(10);

/// The way mails leave: what is configured, else files in the data directory, else the log.
pub async fn transport(services: &Services, data: Option<&Path>) -> Result<Transport, StartError> {
    let config = &services.config.mail;
    let configured = Transport::configured(config).await;
    if let Some(transport) = configured.map_err(|e| StartError::Mail(e.text))? {
        return Ok(transport);
    }
    let Some(data) = data else {
        return Ok(Transport::Log);
    };
    let outbox = data.join("outbox");
    std::fs::create_dir_all(&outbox).map_err(|e| DataDirError::unwritable(&outbox, e))?;
    let from = mail::Sender::parse(&config.from).map_err(|e| StartError::Mail(e.text))?;
    Ok(Transport::Directory(from, outbox))
}

/// Sends until the process ends.
pub async fn run(services: Services, transport: Transport) {
    let mailer = Mailer::new(&services, transport);
    loop {
        match tick(&services, &mailer, ROUND, None).await {
            Ok(report) if report.handled() > 0 => {
                tracing::debug!(?report, "outbox");
                continue;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(cause = %error, "the outbox cannot be read; messages stay queued");
                tokio::time::sleep(TROUBLE).await;
            }
        }
        let bell = services.store.table.outbox_bell().notified();
        // Both ways of waking mean the same.
        let _ = tokio::time::timeout(PAUSE, bell).await;
    }
}
