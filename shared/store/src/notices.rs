//! Notices on their way into the outbox: each goes into the transaction of what it tells.

use crate::error::StoreError;
use crate::grants::{Grant, Target};
use crate::outbox::{Payload, Waiting, message_write};
use crate::table::Write;
use domain::account::UserId;
use domain::notice::Notice;

/// Message that tells a notice to everybody it concerns, or to one person `only`. The condition
/// fails when the id is taken: draw another.
pub fn notice_write(id: u64, notice: &Notice, only: Option<UserId>) -> Result<Write, StoreError> {
    let payload = Payload::Notice {
        notice: notice.clone(),
        only,
    };
    message_write(&Waiting::new(id, payload, notice.at), notice.at)
}

/// Message that tells somebody what they were given by the person called `giver`, now at
/// `grant.at`. Its id as for [`notice_write`].
pub fn share_write(id: u64, grant: &Grant, giver: &str) -> Result<Write, StoreError> {
    let (project, batch) = match &grant.on {
        Target::Project(project) | Target::Owner(_, project) => (project.as_str(), None),
        Target::Batch(batch) => ("", Some(batch.as_str())),
    };
    let notice = Notice::of_share(giver, project, batch, grant.role, grant.at);
    notice_write(id, &notice, Some(grant.to))
}
