//! Audit rows: who did what, from where, written with what was done.

use crate::{ClientInfo, Viewer};
use domain::account::UserId;
use runtime::Services;
use std::collections::BTreeMap;
use store::StoreError;
use store::audit::{AuditRow, audit_write};
use store::table::Write;

/// Who did something, as its row names them.
pub trait Doer: Sync {
    /// The person; `None` when nobody was logged in.
    fn id(&self) -> Option<UserId>;
}

impl<V: Viewer> Doer for V {
    fn id(&self) -> Option<UserId> {
        self.viewer().map(|who| who.user_id)
    }
}

impl Doer for UserId {
    fn id(&self) -> Option<UserId> {
        Some(*self)
    }
}

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
    pub fn new(action: &'static str, target_type: &'static str, target_id: impl ToString) -> Self {
        Self {
            action,
            target_type,
            target_id: target_id.to_string(),
            metadata: BTreeMap::new(),
        }
    }

    /// Something done to an account.
    pub fn of_user(action: &'static str, user: UserId) -> Self {
        Self::new(action, "user", user)
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
        who: &impl Doer,
        client: &ClientInfo,
    ) -> Result<Write, StoreError> {
        let now = services.clock.now();
        audit_write(&AuditRow {
            id: services.store.row_ids.take(now, 1),
            at: now,
            user_id: who.id(),
            action: self.action.to_owned(),
            target_type: self.target_type.to_owned(),
            target_id: self.target_id,
            ip: client.ip.clone(),
            metadata: self.metadata,
        })
    }

    /// Stores its row by itself, for what changed nothing else in the table. A log that cannot be
    /// written does not undo what it tells of.
    pub async fn note(self, services: &Services, who: &impl Doer, client: &ClientInfo) {
        let action = self.action;
        let stored = match self.row(services, who, client) {
            Ok(row) => services.store.table.write(row).await,
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            tracing::warn!(cause = %error, action, "audit row was not stored");
        }
    }
}
