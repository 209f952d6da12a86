//! Spill uploads: the ticket with its progress, and the list of those not finished.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, Versioned, decode, encode, key_item, n, number};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::limits::{SPILL_TTL_SECS, SPILLS_WAITING, UPLOAD_TTL_SECS};
use domain::spill::Spill;
use domain::time::Timestamp;

/// Rounds of drawing an id.
const ROUNDS: u32 = 8;
/// Prefix of the objects; their upload wakes the replay.
pub const OBJECT_PREFIX: &str = "spill/";

/// Key of the object of a spill upload.
pub fn object_key(spill: &Spill) -> String {
    format!(
        "{OBJECT_PREFIX}{}.{}",
        keys::number(spill.id),
        spill.encoding.extension()
    )
}

/// The spill upload an object belongs to.
pub fn id_of_object(key: &str) -> Option<u64> {
    let name = key.strip_prefix(OBJECT_PREFIX)?;
    name.split('.').next()?.parse().ok()
}

fn spill_item(spill: &Spill, rev: u64) -> Result<Item, StoreError> {
    let mut item = encode(&keys::spill(spill.id), rev, spill)?;
    let gone = spill.created_at.plus_secs(SPILL_TTL_SECS);
    item.insert(TTL.into(), n(gone.secs()));
    Ok(item)
}

impl Store {
    /// Stores a new spill upload under a fresh id; `None` when too many of this user wait.
    pub async fn add_spill(
        &self,
        mut spill: Spill,
        now: Timestamp,
    ) -> Result<Option<Spill>, StoreError> {
        let waiting = self
            .table
            .partition(keys::SPILLS)
            .prefix(&keys::spills_of(spill.owner))
            .take(SPILLS_WAITING)
            .await?;
        if waiting.len() >= SPILLS_WAITING {
            return Ok(None);
        }
        for _ in 0..ROUNDS {
            spill.id = self.row_ids.take(now, 1);
            let mut entry = key_item(&keys::spill_entry(spill.owner, spill.id));
            entry.insert("id".into(), n(spill.id));
            // A replay may begin as late as the upload, and then takes a while.
            entry.insert(TTL.into(), n(now.plus_secs(3 * UPLOAD_TTL_SECS).secs()));
            let writes = vec![
                Write::Put(spill_item(&spill, 1)?, Expect::Absent),
                Write::Put(entry, Expect::Anything),
            ];
            match self.table.transact(writes).await {
                Ok(()) => return Ok(Some(spill)),
                Err(StoreError::ConditionAt(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("no free id".into()))
    }

    /// A spill upload.
    pub async fn spill(&self, id: u64) -> Result<Option<Versioned<Spill>>, StoreError> {
        let item = self.table.get(&keys::spill(id)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Saves progress; [`StoreError::Conflict`] when somebody else replays the same file.
    pub async fn save_spill(&self, found: &Versioned<Spill>) -> Result<(), StoreError> {
        let Versioned { value: spill, rev } = found;
        let row = Write::Put(spill_item(spill, rev + 1)?, Expect::Rev(*rev));
        if !spill.state.is_final() {
            return self.table.write(row).await;
        }
        let entry = keys::spill_entry(spill.owner, spill.id);
        let writes = vec![row, Write::Delete(entry, Expect::Anything)];
        match self.table.transact(writes).await {
            Err(StoreError::ConditionAt(_)) => Err(StoreError::Conflict),
            done => done,
        }
    }

    /// Ids of the spill uploads that are not finished, of one user or of all.
    pub async fn unfinished_spills(&self, of: Option<UserId>) -> Result<Vec<u64>, StoreError> {
        let range = self.table.partition(keys::SPILLS);
        let range = match of {
            Some(user) => range.prefix(&keys::spills_of(user)),
            None => range,
        };
        let entries = range.all().await?;
        Ok(entries
            .iter()
            .filter_map(|entry| number(entry, "id"))
            .collect())
    }
}
