//! How far the sweep of what is kept no longer got, so that the next one goes on there.

use crate::Store;
use crate::batch_lists::BatchList;
use crate::cull::Cull;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use crate::tidy::Tidying;
use domain::retention::{Life, Retention};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the row.
const SWEEP: &str = "sweep";
/// Batches looked at between two notes of where.
const PAGE: usize = 50;

/// Where the sweep is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Days that stored detail is kept by, or is being adapted to.
    pub by: Option<Retention>,
    /// When these were first seen.
    pub since: Timestamp,
    /// Everything stored is kept by them.
    pub settled: bool,
    /// Position in the list of all batches.
    at: Option<String>,
    /// Where the last tidying is.
    pub tidying: Tidying,
}

impl Progress {
    /// Notes the days in force.
    pub fn see(&mut self, by: Retention, now: Timestamp) {
        if self.by != Some(by) {
            self.by = Some(by);
            self.since = now;
            self.settled = false;
            self.at = None;
        }
    }
}

impl Store {
    /// Where the sweep is.
    pub async fn sweep_progress(&self) -> Result<Progress, StoreError> {
        let item = self.table.get(&keys::system(SWEEP)).await?;
        let found = item.as_ref().map(decode).transpose()?;
        Ok(found.map(|found| found.value).unwrap_or_default())
    }

    /// Notes where the sweep is. Of two at once the later counts: at worst something is looked at
    /// twice.
    pub async fn save_sweep_progress(
        &self,
        progress: &Progress,
        cull: &Cull,
    ) -> Result<(), StoreError> {
        if cull.dry {
            return Ok(());
        }
        let item = encode(&keys::system(SWEEP), 1, progress)?;
        self.table.write(Write::Put(item, Expect::Anything)).await
    }

    /// Keeps the detail of all ended batches as the days in force say; [`Store::hold_running`] does
    /// so for the others, and comes first.
    pub async fn settle_retention(
        &self,
        progress: &mut Progress,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<(), StoreError> {
        let Some(by) = progress.by.filter(|_| !progress.settled) else {
            return Ok(());
        };
        loop {
            let at = progress.at.as_deref();
            let (page, next) = self.list_batches(&[BatchList::All], at, PAGE).await?;
            for (position, batch) in page {
                let ended = Life::of(&batch.value, now) != Life::Runs;
                if ended && !self.review_batch(&batch.value, &by, now, cull).await? {
                    return self.save_sweep_progress(progress, cull).await;
                }
                progress.at = Some(position);
            }
            progress.settled = next.is_none();
            progress.at = next;
            self.save_sweep_progress(progress, cull).await?;
            if progress.settled || cull.is_over() {
                return Ok(());
            }
        }
    }
}
