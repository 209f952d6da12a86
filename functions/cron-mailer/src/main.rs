//! Lambda entry of `cron-mailer`, woken by its schedule.

use cron_mailer::{Mailer, Report, Transport, note, tick};
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
    let mailer = Mailer::new(&services, Transport::Missing);
    let (services, mailer) = (&services, &mailer);
    let handler = service_fn(move |event: LambdaEvent<Value>| async move {
        let begun = std::time::Instant::now();
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(RESERVE);
        let deadline = Instant::now() + left;
        let mut sum = Report::default();
        loop {
            // Boxed: the layout of everything below is too deep for the compiler otherwise.
            let report = Box::pin(tick(services, mailer, ROUND, Some(deadline))).await?;
            sum = sum.and(report);
            if report.handled() == 0 || Instant::now() >= deadline {
                note(services, &sum).await;
                services.ran_since(begun).await;
                return Ok::<(), Error>(());
            }
            tracing::info!(?report, "outbox");
        }
    });
    lambda_runtime::run(handler).await
}
