//! Changing a batch by hand: one way for stop, edit and delete.
//!
//! The change, its audit row and whatever else belongs to it are one transaction; viewers are told
//! through the batch's feed. The running script writes the same batch, so a lost race starts over.

use crate::{ApiError, ApiResult, Caller, ClientInfo, Deed, visible};
use domain::access::Right;
use domain::batch::Batch;
use domain::job::Job;
use domain::time::Timestamp;
use runtime::{Services, entropy};
use serde_json::Value;
use std::collections::BTreeMap;
use store::feed::FeedEvent;
use store::table::Write;
use store::{StoreError, Versioned};
use wire::Code;

/// Rounds after lost races with the running script.
const ROUNDS: usize = 8;

/// What a decision comes to.
pub struct Change {
    /// `event_type` viewers are told.
    pub event: &'static str,
    /// Its data.
    pub data: Value,
    /// Word of the audit row; `None` leaves no row.
    pub audit: Option<&'static str>,
    /// Kind and id of the audit row's target.
    pub target: (&'static str, String),
    /// Particulars of the audit row.
    pub metadata: BTreeMap<String, String>,
    /// Further writes of the same transaction.
    pub also: Vec<Write>,
}

impl Change {
    /// A change of the batch `id` itself.
    pub fn of_batch(id: &str, event: &'static str, data: Value, audit: &'static str) -> Self {
        Self {
            event,
            data,
            audit: Some(audit),
            target: ("batch", id.to_owned()),
            metadata: BTreeMap::new(),
            also: vec![],
        }
    }
}

/// Who changes something, from where, and when.
pub struct Hand<'a> {
    /// Services.
    pub services: &'a Services,
    /// Who.
    pub caller: &'a Caller,
    /// From where.
    pub client: &'a ClientInfo,
}

impl Hand<'_> {
    /// Loads the batch `id` to which the caller has `right`, lets `decide` change it, and stores
    /// what it says. `decide` may be asked again after a lost race; `None` means there is nothing
    /// to do.
    pub async fn change(
        &self,
        id: &str,
        right: Right,
        mut decide: impl FnMut(&mut Batch, Timestamp) -> ApiResult<Option<Change>>,
    ) -> ApiResult<Batch> {
        self.change_with(id, right, None, |batch, _, now| decide(batch, now))
            .await
    }

    /// As [`Hand::change`], with the live job `job` of the batch.
    pub async fn change_with(
        &self,
        id: &str,
        right: Right,
        job: Option<&str>,
        mut decide: impl FnMut(
            &mut Batch,
            Option<Versioned<Job>>,
            Timestamp,
        ) -> ApiResult<Option<Change>>,
    ) -> ApiResult<Batch> {
        for _ in 0..ROUNDS {
            let found = visible::with_right(self.services, self.caller, id, right).await?;
            let Versioned { mut value, rev } = found;
            let job = match job {
                Some(job) => self.services.store.job(id, job).await?,
                None => None,
            };
            let job = job.filter(|job| job.value.deleted_at.is_none());
            let now = self.services.clock.now();
            let Some(change) = decide(&mut value, job, now)? else {
                return Ok(value);
            };
            if self.store(&value, rev, change, now).await? {
                return Ok(value);
            }
        }
        Err(ApiError::new(Code::StorageBusy).retry_after(1))
    }

    /// Stores a change; false when somebody else was faster.
    async fn store(
        &self,
        batch: &Batch,
        rev: u64,
        change: Change,
        now: Timestamp,
    ) -> ApiResult<bool> {
        let mut also = change.also;
        if let Some(action) = change.audit {
            let (target_type, target_id) = change.target;
            let deed = Deed {
                action,
                target_type,
                target_id,
                metadata: change.metadata,
            };
            also.push(deed.row(self.services, self.caller, self.client)?);
        }
        let said = (change.event, &change.data);
        save(self.services, batch, rev, said, also, now).await
    }
}

/// Stores a changed batch with `also`, and tells viewers the event and data of `said`; false when
/// somebody else was faster.
pub async fn save(
    services: &Services,
    batch: &Batch,
    rev: u64,
    (event, data): (&str, &Value),
    also: Vec<Write>,
    now: Timestamp,
) -> ApiResult<bool> {
    let store = &services.store;
    let id = format!("srv-{:016x}", entropy::number());
    let event = FeedEvent::of_server(event, &id, batch, now, data)?;
    // Feed first, as in ingest: a crash in between tells viewers too much, never too little.
    let _told = store.append_feed(&batch.id, vec![event], None, now).await?;
    match store.save_batch(batch, rev, also).await {
        Ok(()) => Ok(true),
        Err(StoreError::ConditionAt(_) | StoreError::Conflict) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
