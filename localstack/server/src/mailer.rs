//! What a schedule does in the cloud: the outbox is emptied as soon as something is put into it.

use crate::data_dir::DataDirError;
use crate::start::StartError;
use cron_mailer::{Mailer, Report, Transport, note, tick};
use runtime::Services;
use std::path::Path;
use std::time::{Duration, Instant};

/// Messages handled in one round.
const ROUND: usize = 100;
/// Longest pause between looks at the outbox: some messages become due by themselves.
const PAUSE: Duration = Duration::from_secs(5);
/// How often runs are noted.
const NOTED: Duration = Duration::from_secs(60);
/// Pause after storage failed.
const TROUBLE: Duration = Duration::from_secs(10);

/// The way mails leave while none is set: files in the data directory, else the log.
pub async fn fallback(services: &Services, data: Option<&Path>) -> Result<Transport, StartError> {
    let Some(data) = data else {
        return Ok(Transport::Log);
    };
    let outbox = data.join("outbox");
    std::fs::create_dir_all(&outbox).map_err(|e| DataDirError::unwritable(&outbox, e))?;
    let settings = services.settings().await;
    let settings = settings.map_err(|e| StartError::Mail(e.to_string()))?;
    let from = mail::Sender::parse(&settings.mail.from).map_err(|e| StartError::Mail(e.text))?;
    Ok(Transport::Directory(from, outbox))
}

/// Sends until the process ends.
pub async fn run(services: Services, fallback: Transport) {
    let mailer = Mailer::new(&services, fallback);
    let mut noted: Option<Instant> = None;
    let mut sum = Report::default();
    loop {
        match tick(&services, &mailer, ROUND, None).await {
            Ok(report) if report.handled() > 0 => {
                sum = sum.and(report);
                tracing::debug!(?report, "outbox");
                continue;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(cause = %error, "the outbox cannot be read; messages stay queued");
                tokio::time::sleep(TROUBLE).await;
            }
        }
        if noted.is_none_or(|at| at.elapsed() >= NOTED) {
            note(&services, &std::mem::take(&mut sum)).await;
            noted = Some(Instant::now());
        }
        let bell = services.store.table.outbox_bell().notified();
        // Both ways of waking mean the same.
        let _ = tokio::time::timeout(PAUSE, bell).await;
    }
}
