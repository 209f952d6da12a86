//! What DynamoDB does by itself and an embedded engine must be told to.

use engine_dynamodb::Engine;
use runtime::Services;
use std::time::Duration;

/// Pause between sweeps of expired items. Readers filter what is expired anyway.
const SWEEP: Duration = Duration::from_secs(600);

/// Sweeps expired items, and what closed accounts left, until the process ends.
pub async fn run(engine: Engine, services: Services) {
    loop {
        let now = services.clock.now();
        if let Err(error) = services.store.finish_closings(now).await {
            tracing::warn!(cause = %error, "rows of closed accounts remain for now");
        }
        tokio::time::sleep(SWEEP).await;
        match engine.sweep_ttl().await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "expired items removed"),
            Err(error) => tracing::warn!(cause = %error, "sweep of expired items failed"),
        }
    }
}
