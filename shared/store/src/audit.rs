//! What administrators and owners did.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Row id, ascending with time.
    pub id: u64,
    /// Server time.
    pub at: Timestamp,
    /// Who; `None` when nobody was logged in.
    pub user_id: Option<u64>,
    /// The word for what was done, `batch_deleted`.
    pub action: String,
    /// Kind of thing it was done to, `batch`.
    pub target_type: String,
    /// Its id.
    pub target_id: String,
    /// Address of the client.
    pub ip: Option<String>,
    /// Particulars.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// Put of a row, for the transaction that does the thing.
pub fn audit_write(row: &AuditRow) -> Result<Write, StoreError> {
    let day = row.at.to_text();
    let month = day.get(..7).unwrap_or("1970-01");
    let item = encode(&keys::audit(month, row.id), 1, row)?;
    Ok(Write::Put(item, Expect::Anything))
}

impl Store {
    /// Up to `limit` rows of a month with ids below `before`, newest first.
    pub async fn audit_rows_before(
        &self,
        month: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let range = self.table.partition(&keys::audit_partition(month));
        let range = match before {
            Some(id) => range.newest_first().below(&keys::number(id)),
            None => range.newest_first(),
        };
        let items = range.take(limit).await?;
        let row = |item| decode(item).map(|found| found.value);
        items.iter().map(row).collect()
    }

    /// Up to `limit` rows of a month (`2026-11`), newest first.
    pub async fn audit_rows(&self, month: &str, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.audit_rows_before(month, None, limit).await
    }
}
