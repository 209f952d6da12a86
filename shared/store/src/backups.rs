//! Which backups the process beside the data made; the files lie with it.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the row.
const BACKUPS: &str = "backups";

/// A backup that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    /// File name.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// When it was made.
    pub at: Timestamp,
}

/// All that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backups {
    /// Newest first.
    pub files: Vec<BackupFile>,
    /// What went wrong the last time.
    pub error: Option<String>,
}

impl Store {
    /// The backups that are kept.
    pub async fn backups(&self) -> Result<Backups, StoreError> {
        let item = self.table.get(&keys::system(BACKUPS)).await?;
        let found = item.as_ref().map(decode).transpose()?;
        Ok(found.map(|found| found.value).unwrap_or_default())
    }

    /// Notes the backups that are kept.
    pub async fn save_backups(&self, backups: &Backups) -> Result<(), StoreError> {
        let item = encode(&keys::system(BACKUPS), 1, backups)?;
        self.table.write(Write::Put(item, Expect::Anything)).await
    }
}
