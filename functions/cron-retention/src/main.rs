//! Lambda entry of `cron-retention`, woken by its schedule.

use cron_retention::tick;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::Services;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Time kept for what is under way before the runtime ends the process.
const RESERVE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await?;
    let services = &services;
    let handler = service_fn(move |event: LambdaEvent<Value>| async move {
        let begun = std::time::Instant::now();
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(RESERVE);
        // Boxed: the layout of everything below is too deep for the compiler otherwise.
        let outcome = Box::pin(tick(services, Some(Instant::now() + left))).await?;
        tracing::info!(?outcome, "swept");
        services.ran_since(begun).await;
        Ok::<(), Error>(())
    });
    lambda_runtime::run(handler).await
}
