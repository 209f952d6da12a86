//! Who may do what to a batch. The one table behind every route.

use crate::account::UserId;
use crate::batch::Batch;

/// Somebody whose credential was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user_id: UserId,
    /// Sees and may do everything.
    pub is_admin: bool,
}

/// Ruling on an action that needs ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owned {
    /// Go ahead.
    Yes,
    /// It exists, but is somebody else's.
    No,
    /// As good as absent.
    Missing,
}

/// Whether `actor` may read `batch`. Absent and invisible look the same from outside.
pub fn may_read(actor: Actor, batch: &Batch) -> bool {
    batch.deleted_at.is_none() && (actor.is_admin || batch.owner_id == Some(actor.user_id))
}

/// Whether `actor` may stop, delete or share `batch`.
pub fn may_own(actor: Actor, batch: &Batch) -> Owned {
    if batch.deleted_at.is_some() {
        Owned::Missing
    } else if actor.is_admin || batch.owner_id == Some(actor.user_id) {
        Owned::Yes
    } else {
        Owned::No
    }
}

/// Whether `actor` may report into `batch`. A batch id nobody used yet is open to everyone;
/// a deleted batch keeps its owner.
pub fn may_report(actor: Actor, batch: &Batch) -> bool {
    actor.is_admin || batch.owner_id.is_none() || batch.owner_id == Some(actor.user_id)
}
