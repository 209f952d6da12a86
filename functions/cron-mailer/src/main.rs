//! Lambda entry of `cron-mailer`, woken by its schedule.

use cron_mailer::{Mailer, Transport, tick};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::Services;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Time kept for what is under way before the runtime ends the process.
const RESERVE: Duration = Duration::from_secs(40);
/// Messages looked at in one round.
const ROUND: usize = 200;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await?;
    let transport = Transport::configured(&services.config.mail).await?;
    let mailer = Mailer::new(&services, transport.unwrap_or(Transport::Missing));
    let (services, mailer) = (&services, &mailer);
    let handler = service_fn(move |event: LambdaEvent<Value>| async move {
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(RESERVE);
        let deadline = Instant::now() + left;
        loop {
            let report = tick(services, mailer, ROUND, Some(deadline)).await?;
            if report.handled() == 0 || Instant::now() >= deadline {
                return Ok::<(), Error>(());
            }
            tracing::info!(?report, "outbox");
        }
    });
    lambda_runtime::run(handler).await
}
