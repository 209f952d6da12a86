//! What collects until the next mail, and marks of who was told of what.
//!
//! A gate holds what the next mail of a kind will tell somebody. While it holds anything, exactly
//! one message waits that will empty it.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, key_item, n};
use crate::keys::{self, Key};
use crate::outbox::Waiting;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::audience::Pending;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a gate nothing goes through is kept, seconds; far longer than anything waits in it.
const GATE_SECS: i64 = 30 * 86_400;
/// How long marks are kept, seconds; far longer than a message is tried.
const MARK_SECS: i64 = 120 * 86_400;

/// Who gets a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// Somebody with an account.
    User(UserId),
    /// A recipient of a project.
    Recipient {
        /// Project.
        project: String,
        /// Row id.
        id: u64,
    },
}

impl Addressee {
    fn gate(&self, gate: &str) -> Key {
        match self {
            Self::User(user) => keys::mail_gate(*user, gate),
            Self::Recipient { project, id } => keys::recipient_mail_gate(project, *id, gate),
        }
    }
}

/// Mark that `who` was told of the notice in `message`, for the transaction that tells them. The
/// condition fails when they were told before.
pub fn told_write(message: &Waiting, who: &Addressee, now: Timestamp) -> Write {
    let (caused, id) = (message.created_at, message.id);
    mark(
        match who {
            Addressee::User(user) => keys::told_user(caused, id, *user),
            Addressee::Recipient { id: to, .. } => keys::told_recipient(caused, id, *to),
        },
        now,
    )
}

/// As [`told_write`], for a channel of a project.
pub fn told_channel_write(message: &Waiting, channel: u64, now: Timestamp) -> Write {
    let key = keys::told_channel(message.created_at, message.id, channel);
    mark(key, now)
}

fn mark(key: Key, now: Timestamp) -> Write {
    let mut item = key_item(&key);
    item.insert(TTL.into(), n(now.plus_secs(MARK_SECS).secs()));
    Write::Put(item, Expect::Absent)
}

/// Put of a gate that was read at `rev`, `None` for a new one.
pub fn gate_write(
    to: &Addressee,
    gate: &str,
    pending: &Pending,
    rev: Option<u64>,
    now: Timestamp,
) -> Result<Write, StoreError> {
    let mut item = encode(&to.gate(gate), rev.map_or(1, |rev| rev + 1), pending)?;
    item.insert(TTL.into(), n(now.plus_secs(GATE_SECS).secs()));
    Ok(Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev)))
}

impl Store {
    /// What a gate holds, and its revision; empty when nothing ever went through it.
    pub async fn gate(
        &self,
        to: &Addressee,
        gate: &str,
    ) -> Result<(Pending, Option<u64>), StoreError> {
        let Some(item) = self.table.get(&to.gate(gate)).await? else {
            return Ok((Pending::default(), None));
        };
        let found = decode(&item)?;
        Ok((found.value, Some(found.rev)))
    }
}
