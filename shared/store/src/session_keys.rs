//! Keys that sign sessions, as stored: sealed, newest first.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the row.
const KEYS: &str = "session_keys";

/// A key as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// Its public id.
    pub id: String,
    /// The sealed secret; `None`: the configured one.
    pub sealed: Option<String>,
    /// It verifies until then; `None` for the one that signs.
    pub until: Option<Timestamp>,
}

/// All keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeys {
    /// Last rotation.
    pub rotated_at: Timestamp,
    /// The first signs.
    pub keys: Vec<StoredKey>,
}

impl Store {
    /// Keys made by rotations; `None` before the first.
    pub async fn session_keys(&self) -> Result<Option<Versioned<StoredKeys>>, StoreError> {
        let item = self.table.get(&keys::system(KEYS)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Replaces the keys read at revision `rev`, with the audit row. [`StoreError::ConditionAt`]
    /// when somebody else rotated.
    pub async fn save_session_keys(
        &self,
        stored: &StoredKeys,
        rev: Option<u64>,
        row: Write,
    ) -> Result<(), StoreError> {
        let item = encode(&keys::system(KEYS), rev.unwrap_or(0) + 1, stored)?;
        let put = Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev));
        self.table.transact(vec![put, row]).await
    }
}
