//! Which batches the channels that follow many speak of.

use crate::channel::Channel;
use domain::access::Actor;
use domain::time::Timestamp;
use std::collections::HashMap;
use store::{Store, StoreError};
use web::{Scope, Sight};

/// Batches whose visibility is remembered.
const REMEMBERED: usize = 10_000;
/// Newest batches looked at when a client comes back.
const RECENT: usize = 200;

/// Decides, and remembers, which batches a stream may speak of.
pub struct Roster {
    actor: Actor,
    sight: Option<Sight>,
    visible: HashMap<String, bool>,
}

impl Roster {
    /// A roster for one caller.
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            sight: None,
            visible: HashMap::new(),
        }
    }

    /// Active batches the caller sees.
    pub async fn active(&mut self, store: &Store) -> Result<Vec<String>, StoreError> {
        let all = store.active_batches().await?;
        let sight = self.sight(store).await?;
        let followed = all.into_iter().filter(|batch| sight.follows(batch));
        Ok(followed.map(|batch| batch.id).collect())
    }

    /// Batches that had news since then, ended ones included: a client that comes back must
    /// hear how they ended.
    pub async fn recent(
        &mut self,
        store: &Store,
        since: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let sight = self.sight(store).await?;
        let lists = sight.lists(None, Scope::All).await?;
        let (newest, _) = store.list_batches(&lists, None, RECENT).await?;
        let mut heard = Vec::new();
        for (_, batch) in newest {
            if batch.value.last_event_at >= since && sight.sees(&batch.value).await? {
                heard.push(batch.value.id);
            }
        }
        Ok(heard)
    }

    /// Whether the caller may hear of `batch`.
    pub async fn admits(&mut self, store: &Store, batch: &str) -> Result<bool, StoreError> {
        if let Some(known) = self.visible.get(batch) {
            return Ok(*known);
        }
        let visible = match store.batch(batch).await? {
            Some(found) => self.sight(store).await?.sees(&found.value).await?,
            None => false,
        };
        if self.visible.len() >= REMEMBERED {
            self.visible.clear();
        }
        self.visible.insert(batch.to_owned(), visible);
        Ok(visible)
    }

    /// Looks again at who may see what.
    pub fn forget(&mut self) {
        self.visible.clear();
        self.sight = None;
    }

    async fn sight(&mut self, store: &Store) -> Result<&mut Sight, StoreError> {
        let sight = match self.sight.take() {
            Some(sight) => sight,
            None => Sight::load(store, Some(self.actor)).await?,
        };
        Ok(self.sight.insert(sight))
    }
}

/// Whether a channel list needs a roster.
pub fn follows_many(channels: &[Channel]) -> bool {
    channels.iter().any(Channel::follows_many)
}
