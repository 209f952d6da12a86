//! One-time secrets sent by mail, stored by digest.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, n};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A secret as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secret {
    /// Digest of the mailed text.
    pub digest: String,
    /// What it is good for: `verify`.
    pub purpose: String,
    /// For whom.
    pub user_id: UserId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Put of a secret; goes into the transaction of the mail that carries it.
pub(crate) fn secret_write(secret: &Secret) -> Result<Write, StoreError> {
    let mut item = encode(&keys::mailed_secret(&secret.digest), 1, secret)?;
    item.insert(TTL.into(), n(secret.expires_at.secs()));
    Ok(Write::Put(item, Expect::Absent))
}

impl Store {
    /// Uses up a secret; `None` when it is unknown, for something else, used or expired. Of many
    /// at once exactly one succeeds.
    pub async fn take_secret(
        &self,
        digest: &str,
        purpose: &str,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let key = keys::mailed_secret(digest);
        let Some(item) = self.table.get(&key).await? else {
            return Ok(None);
        };
        let secret: Secret = decode(&item)?.value;
        if secret.purpose != purpose || secret.expires_at <= now {
            return Ok(None);
        }
        match self.table.write(Write::Delete(key, Expect::Present)).await {
            Ok(()) => Ok(Some(secret.user_id)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
