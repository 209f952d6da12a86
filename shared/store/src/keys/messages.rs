//! Keys of messages: the outbox, and what decides what goes into it.

use super::{Key, instant, key, number, part, project_partition, user_partition};
use domain::channel::ChannelOwner;
use domain::time::Timestamp;

/// Partition of the messages that wait to be sent.
pub const OUTBOX: &str = "OUTBOX";

/// One waiting message.
pub fn outbox(due: Timestamp, id: u64) -> Key {
    let sk = format!("{}#{}", instant(due), number(id));
    key(OUTBOX.to_owned(), sk)
}

/// Upper bound of the messages that are due.
pub fn outbox_due(now: Timestamp) -> String {
    instant(Timestamp(now.0.saturating_add(1)))
}

/// Partition of the messages that were given up.
pub const DEAD_LETTERS: &str = "DEAD";

/// One of them.
pub fn dead_letter(id: u64) -> Key {
    key(DEAD_LETTERS.to_owned(), number(id))
}

/// Partition of a day's counters of messages, `2026-11-21`.
pub fn outbox_counts(day: &str) -> String {
    format!("OC#{day}")
}

/// Counter of the five minutes that begin at `minute`, `13:05`.
pub fn outbox_count(day: &str, minute: &str) -> Key {
    key(outbox_counts(day), minute)
}

/// What the next mail of a kind will tell a user.
pub fn mail_gate(user: u64, gate: &str) -> Key {
    key(user_partition(user), format!("NM#{}", part(gate)))
}

/// What the next mail of a kind will tell a recipient of a project.
pub fn recipient_mail_gate(project: &str, id: u64, gate: &str) -> Key {
    let sk = format!("NM#{}#{}", number(id), part(gate));
    key(project_partition(project), sk)
}

/// Mark that a user was told of the notice of a message.
pub fn told_user(caused: Timestamp, message: u64, user: u64) -> Key {
    key(told(caused, message), user_partition(user))
}

/// Mark that a recipient was told of the notice of a message.
pub fn told_recipient(caused: Timestamp, message: u64, id: u64) -> Key {
    key(told(caused, message), format!("R#{}", number(id)))
}

/// Mark that a project's channel is to say the notice of a message.
pub fn told_channel(caused: Timestamp, message: u64, id: u64) -> Key {
    key(told(caused, message), format!("C#{}", number(id)))
}

fn told(caused: Timestamp, message: u64) -> String {
    format!("TM#{}#{}", instant(caused), number(message))
}

/// What a user wants to be told.
pub fn mail_wishes(user: u64) -> Key {
    key(user_partition(user), "NP")
}

/// What a user wants to be told of one batch.
pub fn batch_wish(user: u64, batch: &str) -> Key {
    key(user_partition(user), format!("BS#{}", part(batch)))
}

/// Prefix of somebody's channels.
pub const CHANNEL_PREFIX: &str = "CH#";

/// Partition of somebody's channels.
pub fn channels_of(owner: &ChannelOwner) -> String {
    match owner {
        ChannelOwner::User(user) => user_partition(*user),
        ChannelOwner::Project(project) => project_partition(project),
    }
}

/// A channel.
pub fn channel(owner: &ChannelOwner, id: u64) -> Key {
    let sk = format!("{CHANNEL_PREFIX}{}", number(id));
    key(channels_of(owner), sk)
}

/// Partition of what was said on a channel.
pub fn said_on(channel: u64) -> String {
    format!("CS#{}", number(channel))
}

/// Something that was said on a channel.
pub fn said(channel: u64, message: u64) -> Key {
    key(said_on(channel), number(message))
}

/// Partition of a user's notifications.
pub fn notifications_of(user: u64) -> String {
    format!("NO#{user}")
}

/// A notification.
pub fn notification(user: u64, id: u64) -> Key {
    key(notifications_of(user), number(id))
}

/// A recipient's unsubscribe link, by the digest of its secret.
pub fn recipient_link(digest: &str) -> Key {
    key(format!("UR#{digest}"), "=")
}

/// An unsubscribe link, by the digest of its secret.
pub fn unsubscribe(digest: &str) -> Key {
    key(format!("UT#{digest}"), "=")
}
