//! Bringing a deleted batch back, while what is stored of it is still there.

use crate::change::Hand;
use crate::{ApiError, ApiResult, Deed, sight, visible};
use domain::access::Right;
use domain::batch::Batch;
use domain::project::Project;
use runtime::entropy;
use serde_json::json;
use store::feed::FeedEvent;
use store::projects::create_writes;
use store::table::Write;
use store::{StoreError, Versioned};
use wire::Code;

/// Rounds after lost races.
const ROUNDS: usize = 8;

impl Hand<'_> {
    /// Brings the batch `id` back for whoever could have deleted it; `via` says what it was part
    /// of, in the audit row. A project that is gone comes back with it, as if reported anew.
    pub async fn restore(&self, id: &str, via: Option<&str>) -> ApiResult<Batch> {
        for _ in 0..ROUNDS {
            let missing = || visible::missing(self.caller, Code::BatchNotFound);
            let found = self.services.store.batch(id).await?;
            let Versioned { value, rev } = found.ok_or_else(missing)?;
            let mut batch = value;
            let deleted_at = batch.deleted_at.take();
            // Asked of the batch as it would be.
            let who = crate::Viewer::viewer(self.caller);
            let right = sight::right_to(&self.services.store, who, &batch).await?;
            match right {
                None => return Err(missing()),
                Some(Right::Own) => {}
                Some(_) => return Err(ApiError::new(Code::OwnerRequired)),
            }
            let Some(deleted_at) = deleted_at else {
                return Err(ApiError::new(Code::BatchNotDeleted));
            };
            if batch.purging {
                return Err(ApiError::new(Code::BatchPurged));
            }
            let now = self.services.clock.now();
            let mut also = self.revived_project(&batch).await?;
            let mut deed = Deed::new("batch_restored", "batch", &batch.id);
            if let Some(via) = via {
                deed = deed.with("via", via);
            }
            also.push(deed.row(self.services, self.caller, self.client)?);
            let event_id = format!("srv-{:016x}", entropy::number());
            let kind = "batch_restored";
            let event = FeedEvent::of_server(kind, &event_id, &batch, now, &json!({}))?;
            let store = &self.services.store;
            let _told = store.append_feed(id, vec![event], None, now).await?;
            match store.restore_batch(&batch, rev, deleted_at, also).await {
                Ok(()) => return Ok(batch),
                // The sweep, another hand, or the first batch of the project in between.
                Err(StoreError::ConditionAt(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(Code::StorageBusy).retry_after(1))
    }

    async fn revived_project(&self, batch: &Batch) -> ApiResult<Vec<Write>> {
        let store = &self.services.store;
        let (Some(owner), true) = (batch.owner_id, batch.enrolled) else {
            return Ok(vec![]);
        };
        if store.project(&batch.project).await?.is_some() {
            return Ok(vec![]);
        }
        let now = self.services.clock.now();
        Ok(create_writes(&Project::new(&batch.project, owner, now))?)
    }
}
