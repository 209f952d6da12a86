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

/// What a secret is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Confirming the address of an account.
    Verify,
    /// Setting a new password.
    Reset,
    /// Moving an account to a new address.
    EmailChange,
}

/// A secret as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Digest of the mailed text.
    pub digest: String,
    /// What it is good for.
    pub purpose: Purpose,
    /// For whom.
    pub user_id: UserId,
    /// Until when.
    pub expires_at: Timestamp,
    /// Address it was sent to.
    #[serde(default)]
    pub address: Option<String>,
    /// Epoch of the user it was made in.
    #[serde(default)]
    pub epoch: u32,
    /// It was used; the row stays until its end, so that a second click can be told so.
    #[serde(default)]
    pub used: bool,
}

/// What became of an attempt to use a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was good and is used up now.
    Yes(Secret),
    /// It was good once.
    Spent,
    /// Nobody made it, or for something else.
    Unknown,
}

/// Put of a secret; goes into the transaction of the mail that carries it.
pub fn secret_write(secret: &Secret) -> Result<Write, StoreError> {
    write(secret, 1, Expect::Absent)
}

fn write(secret: &Secret, rev: u64, expect: Expect) -> Result<Write, StoreError> {
    let mut item = encode(&keys::mailed_secret(&secret.digest), rev, secret)?;
    item.insert(TTL.into(), n(secret.expires_at.secs()));
    Ok(Write::Put(item, expect))
}

impl Store {
    /// Uses up a secret. Of many at once exactly one succeeds.
    pub async fn take_secret(
        &self,
        digest: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let Some(item) = self.table.get(&keys::mailed_secret(digest)).await? else {
            return Ok(Taken::Unknown);
        };
        let found = decode::<Secret>(&item)?;
        let secret = found.value;
        if secret.purpose != purpose {
            return Ok(Taken::Unknown);
        }
        if secret.used || secret.expires_at <= now {
            return Ok(Taken::Spent);
        }
        let used = Secret {
            used: true,
            ..secret.clone()
        };
        let put = write(&used, found.rev + 1, Expect::Rev(found.rev))?;
        match self.table.write(put).await {
            Ok(()) => Ok(Taken::Yes(secret)),
            Err(StoreError::Conflict) => Ok(Taken::Spent),
            Err(error) => Err(error),
        }
    }
}
