//! Logins under way at an identity provider: each row is good once, for minutes.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, n, number};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::{User, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A login under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Provider.
    pub provider: String,
    /// Digest of what the browser holds in its cookie.
    pub browser: String,
    /// Proof key the code is bound to.
    pub verifier: String,
    /// Nonce the ID token must repeat.
    pub nonce: String,
    /// Who wants to link the account there; `None`: somebody logs in.
    pub link_user: Option<UserId>,
    /// Page to show afterwards.
    pub redirect: Option<String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Claim of a user on an account at a provider; refused when somebody has it.
pub fn provider_claim_write(provider: &str, subject: &str, user: UserId) -> Write {
    let mut item = crate::item::key_item(&keys::provider_claim(provider, subject));
    item.insert("user".into(), n(user));
    Write::Put(item, Expect::Absent)
}

/// Gives up such a claim.
pub fn provider_release_write(provider: &str, subject: &str) -> Write {
    Write::Delete(keys::provider_claim(provider, subject), Expect::Anything)
}

impl Store {
    /// Stores a login under the digest of its state.
    pub async fn begin_flow(&self, state: &str, flow: &Flow) -> Result<(), StoreError> {
        let mut item = encode(&keys::provider_flow(state), 1, flow)?;
        item.insert(TTL.into(), n(flow.expires_at.secs()));
        self.table.write(Write::Put(item, Expect::Absent)).await
    }

    /// Takes the login with this state; of many at once exactly one gets it.
    pub async fn take_flow(&self, state: &str, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        let key = keys::provider_flow(state);
        let Some(item) = self.table.get(&key).await? else {
            return Ok(None);
        };
        let flow: Flow = decode(&item)?.value;
        match self.table.write(Write::Delete(key, Expect::Present)).await {
            Ok(()) => Ok(Some(flow).filter(|flow| flow.expires_at > now)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The user who linked this account of a provider.
    pub async fn user_by_provider(
        &self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<User>, StoreError> {
        let key = keys::provider_claim(provider, subject);
        let Some(item) = self.table.get(&key).await? else {
            return Ok(None);
        };
        match number(&item, "user") {
            Some(id) => Ok(self.user(id).await?.map(|found| found.value)),
            None => Err(StoreError::Corrupt("claim without user".into())),
        }
    }
}
