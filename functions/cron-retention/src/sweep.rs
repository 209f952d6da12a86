//! One sweep.

use domain::retention::{Retention, Rule};
use domain::time::Timestamp;
use runtime::Services;
use store::StoreError;
use store::cull::{Cull, Tally};
use store::sweep::Progress;
use tokio::time::Instant;

/// Deleted batches listed together.
const PAGE: usize = 50;
/// Seconds until every instance works by changed settings, with some to spare.
const SPREAD_SECS: i64 = 600;
/// Seconds between two tidyings, which look at every user and object.
const TIDY_SECS: i64 = 23 * 3600;

/// How to sweep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Only look.
    pub dry: bool,
    /// Tidy, however long ago it was done.
    pub tidy: bool,
    /// When to stop.
    pub deadline: Option<Instant>,
}

/// What a sweep did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was removed.
    pub tally: Tally,
    /// Nothing was left for lack of time.
    pub complete: bool,
}

/// Removes what is kept no longer, as far as time allows.
///
/// # Errors
/// When storage fails; the tally then has what was done until that moment.
pub async fn sweep(services: &Services, wish: Wish) -> (Outcome, Result<(), StoreError>) {
    let mut cull = Cull {
        dry: wish.dry,
        deadline: wish.deadline,
        tally: Tally::default(),
    };
    for rule in Rule::ALL {
        cull.tally.add(rule.as_str(), 0);
    }
    let done = work(services, wish, &mut cull).await;
    let complete = done.is_ok() && !cull.is_over();
    let tally = cull.tally;
    (Outcome { tally, complete }, done)
}

async fn work(services: &Services, wish: Wish, cull: &mut Cull) -> Result<(), StoreError> {
    let (store, now) = (&services.store, services.clock.now());
    let by = services.settings.look(store, now).await?.retention;
    let mut progress = store.sweep_progress().await?;
    let before = progress.clone();
    progress.see(by, now);
    if progress != before {
        store.save_sweep_progress(&progress, cull).await?;
    }
    // First what must not be late.
    store.hold_running(&by, progress.settled, now, cull).await?;
    purge(services, &by, now, cull).await?;
    if !cull.is_over() {
        let until = now.plus_secs(-by.grace_secs());
        store.finish_dropped(until, cull).await?;
    }
    let spread = services.config.exclusive || now.secs() - progress.since.secs() >= SPREAD_SECS;
    if spread && !cull.is_over() {
        store.settle_retention(&mut progress, now, cull).await?;
    }
    if !cull.is_over() {
        tidy(services, wish, &mut progress, now, cull).await?;
    }
    if !cull.dry && !cull.is_over() {
        store.finish_closings(now).await?;
    }
    Ok(())
}

/// Removes batches that were deleted long enough ago.
async fn purge(
    services: &Services,
    by: &Retention,
    now: Timestamp,
    cull: &mut Cull,
) -> Result<(), StoreError> {
    let store = &services.store;
    let until = now.plus_secs(-by.grace_secs());
    let mut after = None;
    while !cull.is_over() {
        let page = store.deleted_batches(until, after.as_ref(), PAGE).await?;
        for entry in &page {
            let purged = store.purge_batch(entry, now, cull).await?;
            tracing::debug!(batch = %entry.id, ?purged, "deleted batch");
            if cull.is_over() {
                return Ok(());
            }
        }
        after = page.into_iter().nth(PAGE - 1);
        if after.is_none() {
            return Ok(());
        }
    }
    Ok(())
}

async fn tidy(
    services: &Services,
    wish: Wish,
    progress: &mut Progress,
    now: Timestamp,
    cull: &mut Cull,
) -> Result<(), StoreError> {
    let at = &mut progress.tidying;
    if !wish.tidy && !at.is_under_way() && now.secs() - at.done_at.secs() < TIDY_SECS {
        return Ok(());
    }
    let store = &services.store;
    store.tidy(at, now, cull).await?;
    store.save_sweep_progress(progress, cull).await
}
