//! Links in mails that end such mails.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, n};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::notice::NoticeKind;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a link works, seconds.
const LINK_SECS: i64 = 400 * 86_400;

/// A link, known by the digest of its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeLink {
    /// Whose mails it ends.
    pub user: UserId,
    /// Kind of mails; `None`: all of them.
    pub kind: Option<NoticeKind>,
    /// When it was followed.
    pub used_at: Option<Timestamp>,
}

/// Put of a link; goes into the transaction of the mail that carries it.
pub fn unsubscribe_write(
    digest: &str,
    user: UserId,
    kind: Option<NoticeKind>,
    now: Timestamp,
) -> Result<Write, StoreError> {
    let used_at = None;
    let link = UnsubscribeLink {
        user,
        kind,
        used_at,
    };
    let mut item = encode(&keys::unsubscribe(digest), 1, &link)?;
    item.insert(TTL.into(), n(now.plus_secs(LINK_SECS).secs()));
    Ok(Write::Put(item, Expect::Absent))
}

/// A link in the mails of a project's recipient, known by the digest of its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientLink {
    /// Project.
    pub project: String,
    /// Row id of the recipient.
    pub id: u64,
}

/// As [`unsubscribe_write`], for a recipient.
pub fn recipient_link_write(
    digest: &str,
    link: &RecipientLink,
    now: Timestamp,
) -> Result<Write, StoreError> {
    let mut item = encode(&keys::recipient_link(digest), 1, link)?;
    item.insert(TTL.into(), n(now.plus_secs(LINK_SECS).secs()));
    Ok(Write::Put(item, Expect::Absent))
}

impl Store {
    /// Whose mails a recipient's link ends; `None` when nobody was given it.
    pub async fn recipient_link(&self, digest: &str) -> Result<Option<RecipientLink>, StoreError> {
        let item = self.table.get(&keys::recipient_link(digest)).await?;
        let found = item.as_ref().map(decode).transpose()?;
        Ok(found.map(|found| found.value))
    }

    /// A link; `None` when nobody was given it.
    pub async fn unsubscribe_link(
        &self,
        digest: &str,
    ) -> Result<Option<Versioned<UnsubscribeLink>>, StoreError> {
        let item = self.table.get(&keys::unsubscribe(digest)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Marks a link as followed; fine when somebody else did so meanwhile.
    pub async fn unsubscribe_followed(
        &self,
        digest: &str,
        found: Versioned<UnsubscribeLink>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut link = found.value;
        link.used_at = Some(now);
        let mut item = encode(&keys::unsubscribe(digest), found.rev + 1, &link)?;
        item.insert(TTL.into(), n(now.plus_secs(LINK_SECS).secs()));
        let put = Write::Put(item, Expect::Rev(found.rev));
        match self.table.write(put).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
