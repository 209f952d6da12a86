//! Keys of projects and of who takes part in what.

use super::{Key, batch_partition, key, number, part, user_partition};

/// gsi1 partition of the batches that members of a project reported.
pub fn enrolled_batches(project: &str) -> String {
    format!("PE#{}", part(project))
}

/// gsi2 partition of one owner's batches in a project.
pub fn own_batches(project: &str, owner: u64) -> String {
    format!("PO#{}#{owner}", part(project))
}

/// Summary of the batch at a position of a list: [`batch_by_start`] the other way round.
pub fn batch_at(position: &str) -> Option<Key> {
    let (_, batch) = position.split_once('#')?;
    Some(key(format!("B#{batch}"), "B"))
}

/// Partition of a project: settings, members, recipients.
pub fn project_partition(project: &str) -> String {
    format!("P#{}", part(project))
}

/// Project.
pub fn project(project: &str) -> Key {
    key(project_partition(project), "P")
}

/// gsi2 partition of all projects.
pub const ALL_PROJECTS: &str = "PROJECTS";

/// gsi1 partition of the public projects.
pub const PUBLIC_PROJECTS: &str = "PUBLIC";

/// Place of a project in both lists.
pub fn project_by_name(project: &str) -> String {
    part(project)
}

/// Prefix of a project's members.
pub const MEMBER_PREFIX: &str = "M#";

/// Member of a project.
pub fn member(project: &str, user: u64) -> Key {
    key(
        project_partition(project),
        format!("{MEMBER_PREFIX}{}", number(user)),
    )
}

/// Prefix of a project's recipients.
pub const RECIPIENT_PREFIX: &str = "R#";

/// Recipient of a project's mails.
pub fn recipient(project: &str, id: u64) -> Key {
    key(
        project_partition(project),
        format!("{RECIPIENT_PREFIX}{}", number(id)),
    )
}

/// Claim on a recipient's address.
pub fn recipient_claim(project: &str, email: &str) -> Key {
    key(project_partition(project), format!("RE#{}", part(email)))
}

/// Prefix of the people a batch is shared with.
pub const SHARE_PREFIX: &str = "SH#";

/// Somebody a batch is shared with.
pub fn batch_share(batch: &str, user: u64) -> Key {
    key(
        batch_partition(batch),
        format!("{SHARE_PREFIX}{}", number(user)),
    )
}

/// Prefix of the people somebody shares batches of a project with.
pub const OWNER_SHARE_PREFIX: &str = "GS#";

/// Somebody all of `owner`'s batches in `project` are shared with.
pub fn owner_share(owner: u64, project: &str, user: u64) -> Key {
    key(
        user_partition(owner),
        format!("{OWNER_SHARE_PREFIX}{}#{}", part(project), number(user)),
    )
}

/// Prefix of everything others gave a user.
pub const GRANT_PREFIX: &str = "G#";

/// A user's membership of a project.
pub fn membership(user: u64, project: &str) -> Key {
    key(
        user_partition(user),
        format!("{GRANT_PREFIX}P#{}", part(project)),
    )
}

/// A batch that was shared with a user.
pub fn granted_batch(user: u64, batch: &str) -> Key {
    key(
        user_partition(user),
        format!("{GRANT_PREFIX}B#{}", part(batch)),
    )
}

/// An owner's batches in a project that were shared with a user.
pub fn granted_owner(user: u64, owner: u64, project: &str) -> Key {
    key(
        user_partition(user),
        format!("{GRANT_PREFIX}O#{owner}#{}", part(project)),
    )
}

/// A public link.
pub fn link(slug: &str) -> Key {
    key(format!("PL#{}", part(slug)), "=")
}

/// Prefix of the public links of a batch, and of those a user made.
pub const LINK_PREFIX: &str = "PL#";

/// Entry in the list of a batch's public links.
pub fn link_of_batch(batch: &str, slug: &str) -> Key {
    key(
        batch_partition(batch),
        format!("{LINK_PREFIX}{}", part(slug)),
    )
}

/// Entry in the list of the public links a user made.
pub fn link_of_user(user: u64, slug: &str) -> Key {
    key(user_partition(user), format!("{LINK_PREFIX}{}", part(slug)))
}
