//! Audit rows: who did what, written with what was done.

use crate::{ApiResult, ClientInfo, Viewer, audit};
use runtime::Services;
use std::collections::BTreeMap;
use store::audit::audit_write;
use store::table::Write;

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// The word for it, `batch_deleted`.
    pub action: &'static str,
    /// Kind of thing it was done to.
    pub target_type: &'static str,
    /// Its id.
    pub target_id: String,
    /// Particulars.
    pub metadata: BTreeMap<String, String>,
}

impl Deed {
    /// Something done to a thing.
    pub fn new(
        action: &'static str,
        target_type: &'static str,
        target_id: impl Into<String>,
    ) -> Self {
        Self {
            action,
            target_type,
            target_id: target_id.into(),
            metadata: BTreeMap::new(),
        }
    }

    /// With one more particular.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.metadata.insert(name.to_owned(), value.to_string());
        self
    }

    /// Its row, for the transaction that does it.
    pub fn row(
        self,
        services: &Services,
        who: &impl Viewer,
        client: &ClientInfo,
    ) -> ApiResult<Write> {
        let user = who.viewer().map(|who| who.user_id);
        let target = (self.target_type, self.target_id);
        let mut row = audit::row(services, client, user, self.action, target);
        row.metadata = self.metadata;
        Ok(audit_write(&row)?)
    }
}
