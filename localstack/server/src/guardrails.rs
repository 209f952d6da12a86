//! What a schedule does in the cloud: running batches are looked at every minute.

use cron_guardrails::{Guard, tick};
use runtime::Services;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Between two looks; also before the first, so that scripts can report again after a restart.
const PAUSE: Duration = Duration::from_secs(60);

/// Looks until the process ends.
pub async fn run(services: Services) {
    let guard = Guard::new(&services);
    let mut minutes = interval_at(Instant::now() + PAUSE, PAUSE);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        match tick(&services, &guard, Some(Instant::now() + PAUSE)).await {
            Ok(report) => tracing::debug!(?report, "guardrails"),
            Err(error) => {
                tracing::warn!(cause = %error, "running batches were not looked at");
            }
        }
    }
}
