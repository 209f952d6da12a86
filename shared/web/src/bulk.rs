//! Deleting many things with one request: each stands for itself, and the answer says what became
//! of it.

use crate::{ApiError, ApiResult, Invalid};
use domain::limits::BULK_ITEMS;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use wire::Code;

/// One that stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct Skipped {
    /// Its id.
    pub id: String,
    /// `not_found`, `already_deleted`, `not_owner`, `active`, or the status that is in the way.
    pub reason: String,
}

/// What happened to each.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BulkDeletedOut {
    /// Ids that are gone.
    pub deleted: Vec<String>,
    /// Those that stay, and why.
    pub skipped: Vec<Skipped>,
}

impl BulkDeletedOut {
    /// Notes what became of `id`: gone, or the reason why it stays.
    pub fn note(&mut self, id: String, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.deleted.push(id),
            Err(reason) => self.skipped.push(Skipped { id, reason }),
        }
    }
}

/// Refuses an empty or overlong list.
pub fn check(field: &str, len: usize) -> ApiResult<()> {
    if len == 0 {
        return Err(ApiError::new(Code::BulkEmpty));
    }
    if len > BULK_ITEMS {
        let msg =
            format!("List should have at most {BULK_ITEMS} items after validation, not {len}");
        let problem = Invalid::at(&["body", field], "too_long", msg, Value::from(len));
        return Err(ApiError::invalid(&[problem]));
    }
    Ok(())
}
