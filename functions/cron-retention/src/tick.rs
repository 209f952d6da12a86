//! A sweep nobody watches, and what is noted of any.

use crate::sweep::{Outcome, Wish, sweep};
use runtime::{Services, meter};
use std::collections::BTreeMap;
use std::time::Instant as Began;
use store::StoreError;
use store::runs::Run;
use tokio::time::Instant;

/// Name under which runs are noted.
pub const NAME: &str = "cron-retention";

/// Sweeps until `deadline` and notes what was done, also when it failed.
///
/// # Errors
/// When storage fails; the next tick goes on where this one stopped.
pub async fn tick(services: &Services, deadline: Option<Instant>) -> Result<Outcome, StoreError> {
    let wish = Wish {
        deadline,
        ..Wish::default()
    };
    watched(services, wish).await
}

/// Sweeps as wished and notes what was done.
///
/// # Errors
/// As [`tick`].
pub async fn watched(services: &Services, wish: Wish) -> Result<Outcome, StoreError> {
    let began = Began::now();
    let (outcome, done) = sweep(services, wish).await;
    let mut report: BTreeMap<String, u64> = BTreeMap::new();
    for (what, many) in &outcome.tally.counts {
        report.insert((*what).to_owned(), *many);
    }
    report.insert("bytes".into(), outcome.tally.bytes);
    let run = Run {
        name: NAME.to_owned(),
        at: services.clock.now(),
        report,
        elapsed_ms: u64::try_from(began.elapsed().as_millis()).ok(),
        error: done.as_ref().err().map(ToString::to_string),
        cursor: None,
    };
    // What cannot be noted was done all the same.
    if let Err(error) = services.store.save_run(&run).await {
        tracing::warn!(cause = %error, "a sweep was not noted");
    }
    meter::ticked(NAME, began.elapsed().as_secs_f64(), done.is_ok());
    done.map(|()| outcome)
}
