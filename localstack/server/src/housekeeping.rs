//! What DynamoDB does by itself and an embedded engine must be told to.

use engine_dynamodb::Engine;
use runtime::Services;
use std::time::Duration;
use store::StoreError;
use store::cull::Cull;

/// Pause between sweeps of expired items. Readers filter what is expired anyway.
const SWEEP: Duration = Duration::from_secs(600);

/// Sweeps expired items until the process ends.
pub async fn expire(engine: Engine) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match engine.sweep_ttl().await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "expired items removed"),
            Err(error) => tracing::warn!(cause = %error, "sweep of expired items failed"),
        }
    }
}

/// Sweeps what is kept no longer until the process ends; at once, since nobody knows how long the
/// process was away. Without a schedule closed accounts are finished all the same, and it is noted
/// that what is stored meanwhile has no end.
pub async fn sweep(services: Services) {
    let minutes = services.config.sweep_minutes;
    let pause = minutes.map_or(SWEEP, |minutes| Duration::from_secs(60 * minutes));
    loop {
        let done = match minutes {
            Some(_) => Box::pin(cron_retention::tick(&services, None))
                .await
                .map(drop),
            None => unswept(&services).await,
        };
        if let Err(error) = done {
            tracing::warn!(cause = %error, "a sweep failed; the next one goes on");
        }
        tokio::time::sleep(pause).await;
    }
}

async fn unswept(services: &Services) -> Result<(), StoreError> {
    let store = &services.store;
    let mut progress = store.sweep_progress().await?;
    if progress.by.is_some() {
        progress.by = None;
        store
            .save_sweep_progress(&progress, &Cull::default())
            .await?;
    }
    store.finish_closings(services.clock.now()).await.map(drop)
}
