//! What administrators set, as stored: one row, so that an instance sees all of it or nothing.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name of the row.
const SETTINGS: &str = "settings";
/// Most bytes of all values together.
pub const MOST_BYTES: usize = 200_000;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// JSON text, sealed if `sealed`.
    pub value: String,
    /// The value is a secret.
    #[serde(default)]
    pub sealed: bool,
    /// What somebody noted about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was set.
    pub updated_at: Timestamp,
    /// Who set it.
    pub updated_by: UserId,
}

/// All values by `group/key`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSettings {
    /// The values.
    pub values: BTreeMap<String, Setting>,
}

impl StoredSettings {
    /// Bytes of all of it, roughly.
    pub fn bytes(&self) -> usize {
        let of = |(name, setting): (&String, &Setting)| {
            let note = setting.description.as_ref().map_or(0, String::len);
            name.len() + setting.value.len() + note + 100
        };
        self.values.iter().map(of).sum()
    }
}

impl Store {
    /// The settings; `None` until somebody sets one.
    pub async fn settings(&self) -> Result<Option<Versioned<StoredSettings>>, StoreError> {
        let item = self.table.get(&keys::system(SETTINGS)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Replaces the settings read at revision `rev`, with `also`. [`StoreError::ConditionAt`] 0
    /// when somebody else was faster.
    pub async fn save_settings(
        &self,
        stored: &StoredSettings,
        rev: Option<u64>,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let item = encode(&keys::system(SETTINGS), rev.unwrap_or(0) + 1, stored)?;
        let mut writes = vec![Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev))];
        writes.extend(also);
        self.table.transact(writes).await
    }
}
