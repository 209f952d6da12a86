//! Which batches the channels that follow many speak of.

use crate::channel::Channel;
use domain::access::{self, Actor};
use domain::time::Timestamp;
use std::collections::HashMap;
use store::batches::BatchList;
use store::{Store, StoreError};

/// Batches whose visibility is remembered.
const REMEMBERED: usize = 10_000;
/// Newest batches looked at when a client comes back.
const RECENT: usize = 200;

/// Decides, and remembers, which batches a stream may speak of.
pub struct Roster {
    actor: Actor,
    visible: HashMap<String, bool>,
}

impl Roster {
    /// A roster for one caller.
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            visible: HashMap::new(),
        }
    }

    /// Active batches the caller sees.
    pub async fn active(&mut self, store: &Store) -> Result<Vec<String>, StoreError> {
        let all = store.active_batches().await?;
        let mine = all
            .into_iter()
            .filter(|(_, owner)| self.actor.is_admin || *owner == Some(self.actor.user_id));
        Ok(mine.map(|(id, _)| id).collect())
    }

    /// Batches that had news since then, ended ones included: a client that comes back must
    /// hear how they ended.
    pub async fn recent(
        &mut self,
        store: &Store,
        since: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let list = match self.actor.is_admin {
            true => BatchList::All,
            false => BatchList::Of(self.actor.user_id),
        };
        let (newest, _) = store.list_batches(&list, None, RECENT).await?;
        let heard = newest
            .into_iter()
            .filter(|(_, batch)| batch.value.last_event_at >= since);
        Ok(heard.map(|(_, batch)| batch.value.id).collect())
    }

    /// Whether the caller may hear of `batch`.
    pub async fn admits(&mut self, store: &Store, batch: &str) -> Result<bool, StoreError> {
        if let Some(known) = self.visible.get(batch) {
            return Ok(*known);
        }
        let found = store.batch(batch).await?;
        let visible = found.is_some_and(|b| access::may_read(self.actor, &b.value));
        if self.visible.len() >= REMEMBERED {
            self.visible.clear();
        }
        self.visible.insert(batch.to_owned(), visible);
        Ok(visible)
    }

    /// Looks again at who may see what.
    pub fn forget(&mut self) {
        self.visible.clear();
    }
}

/// Whether a channel list needs a roster.
pub fn follows_many(channels: &[Channel]) -> bool {
    channels.iter().any(|c| c.batch().is_none())
}
