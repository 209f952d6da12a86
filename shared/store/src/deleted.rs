//! Batches somebody deleted: listed until what is stored of them is removed, and brought back
//! while it is not.

use crate::Store;
use crate::batches::{active_write, batch_write};
use crate::error::StoreError;
use crate::item::{key_item, n, number, s, text};
use crate::keys::{self, Key};
use crate::table::{Expect, Write};
use domain::batch::Batch;
use domain::time::Timestamp;

/// A deleted batch, as the list knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Which.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

impl Deleted {
    /// Its entry in the list.
    pub(crate) fn key(&self) -> Key {
        keys::deleted(self.at, &self.id)
    }
}

/// Entry of a deleted batch, for the transaction that marks it so.
pub(crate) fn deleted_write(batch: &Batch) -> Option<Write> {
    let at = batch.deleted_at?;
    let mut item = key_item(&keys::deleted(at, &batch.id));
    item.insert("id".into(), s(&batch.id));
    item.insert("at".into(), n(at.0));
    Some(Write::Put(item, Expect::Anything))
}

impl Store {
    /// Up to `limit` batches deleted until `until`, oldest deletion first, from behind `after` on.
    pub async fn deleted_batches(
        &self,
        until: Timestamp,
        after: Option<&Deleted>,
        limit: usize,
    ) -> Result<Vec<Deleted>, StoreError> {
        let range = self.table.partition(keys::DELETED);
        let range = match after {
            Some(last) => range.after(&last.key().sk),
            None => range.below(&keys::deleted_until(until)),
        };
        let mut found = Vec::new();
        for item in range.take(limit).await? {
            let at = number(&item, "at").and_then(|ms| i64::try_from(ms).ok());
            let entry = Deleted {
                id: text(&item, "id")?.to_owned(),
                at: Timestamp(at.unwrap_or(0)),
            };
            if entry.at <= until {
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// Brings a deleted batch back, read at revision `rev` and changed to be alive again, with
    /// `also`. [`StoreError::ConditionAt`] 0 when somebody was faster.
    pub async fn restore_batch(
        &self,
        batch: &Batch,
        rev: u64,
        deleted_at: Timestamp,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let entry = keys::deleted(deleted_at, &batch.id);
        let mut writes = vec![
            batch_write(batch, Some(rev))?,
            active_write(batch),
            Write::Delete(entry, Expect::Anything),
        ];
        writes.extend(also);
        self.table.transact(writes).await
    }
}
