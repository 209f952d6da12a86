//! Lambda entry of `cron-guardrails`, woken by its schedule.

use cron_guardrails::{Guard, tick};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::Services;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Time kept for what is under way before the runtime ends the process.
const RESERVE: Duration = Duration::from_secs(25);

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await?;
    let guard = Guard::new(&services);
    let (services, guard) = (&services, &guard);
    let handler = service_fn(move |event: LambdaEvent<Value>| async move {
        let begun = std::time::Instant::now();
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(RESERVE);
        // Boxed: the layout of everything below is too deep for the compiler otherwise.
        let report = Box::pin(tick(services, guard, Some(Instant::now() + left))).await?;
        tracing::info!(?report, "guardrails");
        services.ran_since(begun).await;
        Ok::<(), Error>(())
    });
    lambda_runtime::run(handler).await
}
