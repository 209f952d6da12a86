//! What people want to be mailed.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::audience::{BatchWish, Wishes};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Rounds of an update that loses races.
const ROUNDS: usize = 8;

/// A wish for one batch, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBatchWish {
    /// The wish.
    pub wish: BatchWish,
    /// When it was first made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Store {
    /// What a person wants to be mailed; nobody has said anything at first.
    pub async fn wishes(&self, user: UserId) -> Result<Wishes, StoreError> {
        let item = self.table.get(&keys::mail_wishes(user)).await?;
        let found = item.as_ref().map(decode::<Wishes>).transpose()?;
        Ok(found.map(|found| found.value).unwrap_or_default())
    }

    /// Changes what a person wants by a function that may run again on a newer version, with what
    /// it returns besides.
    pub async fn update_wishes(
        &self,
        user: UserId,
        mut change: impl FnMut(&mut Wishes) -> Result<Vec<Write>, StoreError>,
    ) -> Result<Wishes, StoreError> {
        let key = keys::mail_wishes(user);
        for _ in 0..ROUNDS {
            let item = self.table.get(&key).await?;
            let found = item.as_ref().map(decode::<Wishes>).transpose()?;
            let rev = found.as_ref().map(|found| found.rev);
            let mut wishes = found.map(|found| found.value).unwrap_or_default();
            let also = change(&mut wishes)?;
            let item = encode(&key, rev.map_or(1, |rev| rev + 1), &wishes)?;
            let mut writes = vec![Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev))];
            writes.extend(also);
            match self.table.transact(writes).await {
                Ok(()) => return Ok(wishes),
                Err(StoreError::ConditionAt(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the wishes keep changing".into()))
    }

    /// What a person wants to be mailed of one batch.
    pub async fn batch_wish(
        &self,
        user: UserId,
        batch: &str,
    ) -> Result<Option<Versioned<StoredBatchWish>>, StoreError> {
        let item = self.table.get(&keys::batch_wish(user, batch)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Sets what a person wants to be mailed of one batch.
    pub async fn set_batch_wish(
        &self,
        user: UserId,
        batch: &str,
        wish: BatchWish,
        now: Timestamp,
    ) -> Result<StoredBatchWish, StoreError> {
        for _ in 0..ROUNDS {
            let found = self.batch_wish(user, batch).await?;
            let rev = found.as_ref().map(|found| found.rev);
            let stored = StoredBatchWish {
                wish: wish.clone(),
                created_at: found.map_or(now, |found| found.value.created_at),
                updated_at: now,
            };
            let key = keys::batch_wish(user, batch);
            let item = encode(&key, rev.map_or(1, |rev| rev + 1), &stored)?;
            let put = Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev));
            match self.table.write(put).await {
                Ok(()) => return Ok(stored),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the wish keeps changing".into()))
    }

    /// Forgets what a person wants to be mailed of one batch.
    pub async fn remove_batch_wish(&self, user: UserId, batch: &str) -> Result<(), StoreError> {
        let key = keys::batch_wish(user, batch);
        self.table.write(Write::Delete(key, Expect::Anything)).await
    }
}
