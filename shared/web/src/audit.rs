//! Rows of the audit log, with who, when and from where filled in.

use crate::caller::ClientInfo;
use domain::account::UserId;
use runtime::{Services, entropy};
use store::audit::AuditRow;

/// A row saying that `user` did `action` to `target` (kind and id). It belongs into the
/// transaction of what it tells of; [`note`] is for what changed nothing.
pub fn row(
    services: &Services,
    client: &ClientInfo,
    user: Option<UserId>,
    action: &str,
    target: (&str, impl ToString),
) -> AuditRow {
    let now = services.clock.now();
    AuditRow {
        id: entropy::new_id(now),
        at: now,
        user_id: user,
        action: action.to_owned(),
        target_type: target.0.to_owned(),
        target_id: target.1.to_string(),
        ip: client.ip.clone(),
        metadata: Default::default(),
    }
}

/// `row` with a particular.
pub fn with(mut row: AuditRow, name: &str, value: impl ToString) -> AuditRow {
    row.metadata.insert(name.to_owned(), value.to_string());
    row
}

/// Stores a row of its own. A log that cannot be written does not undo what it tells of.
pub async fn note(services: &Services, row: AuditRow) {
    if let Err(error) = services.store.add_audit(&row).await {
        tracing::warn!(cause = %error, action = %row.action, "audit row was not stored");
    }
}
