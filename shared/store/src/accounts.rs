//! Users, and the claims that keep names and addresses unique.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, key_item, n, number};
use crate::keys;
use crate::pause::after_lost_race;
use crate::secrets::{Purpose, Taken};
use crate::table::{Expect, Write};
use domain::account::{User, UserId};
use domain::time::Timestamp;

/// Name of the mark that says an administrator exists.
const FIRST_ADMIN: &str = "first_admin";
/// Rounds of an update that loses races.
pub(crate) const ROUNDS: u32 = 8;
/// First pause after a lost race, milliseconds.
const PAUSE_MS: u64 = 2;

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The account exists now; `true`: it is the first and an administrator.
    Done(bool),
    /// Somebody has this name.
    UsernameTaken,
    /// Somebody has this address.
    EmailTaken,
    /// Somebody logs in with this account of an identity provider.
    LinkTaken,
    /// The id is taken: draw another.
    IdTaken,
}

impl Store {
    /// Whether the first account was made.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        Ok(self.table.get(&keys::system(FIRST_ADMIN)).await?.is_some())
    }

    /// Creates an account with its claims and `also` (its verification secret, the mail that
    /// carries it, the audit row), all or nothing. Whoever `leads` and comes first becomes
    /// administrator, however many try at once.
    pub async fn register(
        &self,
        user: &User,
        leads: bool,
        also: Vec<Write>,
    ) -> Result<Registered, StoreError> {
        if leads && !self.has_admin().await? {
            let admin = User {
                is_admin: true,
                ..user.clone()
            };
            let mark = Write::Put(key_item(&keys::system(FIRST_ADMIN)), Expect::Absent);
            match self.create(&admin, also.clone(), Some(mark)).await? {
                // Somebody else was first in the meantime.
                None => {}
                Some(outcome) => return Ok(outcome),
            }
        }
        let outcome = self.create(user, also, None).await?;
        outcome.ok_or_else(|| StoreError::Failed("registration without a mark lost it".into()))
    }

    async fn create(
        &self,
        user: &User,
        also: Vec<Write>,
        mark: Option<Write>,
    ) -> Result<Option<Registered>, StoreError> {
        let claim = |key: &keys::Key| {
            let mut item = key_item(key);
            item.insert("user".into(), n(user.id));
            Write::Put(item, Expect::Absent)
        };
        let is_admin = mark.is_some();
        let mut writes = vec![
            Write::Put(encode(&keys::user(user.id), 1, user)?, Expect::Absent),
            claim(&keys::username_claim(&user.username)),
            claim(&keys::email_claim(&user.email)),
            Write::Put(key_item(&keys::user_entry(user.id)), Expect::Anything),
        ];
        writes.extend(
            user.links
                .iter()
                .map(|link| claim(&keys::provider_claim(&link.provider, &link.subject))),
        );
        let mark_at = writes.len();
        writes.extend(mark);
        writes.extend(also);
        match self.table.transact(writes).await {
            Ok(()) => Ok(Some(Registered::Done(is_admin))),
            Err(StoreError::ConditionAt(0)) => Ok(Some(Registered::IdTaken)),
            Err(StoreError::ConditionAt(1)) => Ok(Some(Registered::UsernameTaken)),
            Err(StoreError::ConditionAt(2)) => Ok(Some(Registered::EmailTaken)),
            Err(StoreError::ConditionAt(at)) if is_admin && at == mark_at => Ok(None),
            Err(StoreError::ConditionAt(at)) if (4..mark_at).contains(&at) => {
                Ok(Some(Registered::LinkTaken))
            }
            // The id of the mail that goes with it.
            Err(StoreError::ConditionAt(at)) if at >= mark_at => Ok(Some(Registered::IdTaken)),
            Err(error) => Err(error),
        }
    }

    /// A user by id.
    pub async fn user(&self, id: UserId) -> Result<Option<Versioned<User>>, StoreError> {
        self.table
            .get(&keys::user(id))
            .await?
            .as_ref()
            .map(decode)
            .transpose()
    }

    /// A user by name, in exactly this case.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<Versioned<User>>, StoreError> {
        let found = self.claimed(&keys::username_claim(name)).await?;
        Ok(found.filter(|user| user.value.username == name))
    }

    /// A user by name, whatever its case.
    pub async fn user_named(&self, name: &str) -> Result<Option<Versioned<User>>, StoreError> {
        self.claimed(&keys::username_claim(name)).await
    }

    /// A user by lower-cased address.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<Versioned<User>>, StoreError> {
        self.claimed(&keys::email_claim(email)).await
    }

    async fn claimed(&self, claim: &keys::Key) -> Result<Option<Versioned<User>>, StoreError> {
        let Some(item) = self.table.get(claim).await? else {
            return Ok(None);
        };
        match number(&item, "user") {
            Some(id) => self.user(id).await,
            None => Err(StoreError::Corrupt("claim without user".into())),
        }
    }

    /// Changes a user by a function that may run again on a newer version; `None` when the user
    /// is gone.
    pub async fn update_user(
        &self,
        id: UserId,
        mut change: impl FnMut(&mut User),
    ) -> Result<Option<User>, StoreError> {
        self.change_user(id, |user| {
            change(user);
            Ok(Some(vec![]))
        })
        .await
    }

    /// Changes a user together with the writes `decide` returns, all or nothing. `decide` may run
    /// again on a newer version; `None` from it leaves everything as it is. The answer is `None`
    /// when nothing was changed or the user is gone. A condition of those writes that does not
    /// hold is [`StoreError::ConditionAt`] with their position, counted from 1.
    pub async fn change_user(
        &self,
        id: UserId,
        mut decide: impl FnMut(&mut User) -> Result<Option<Vec<Write>>, StoreError>,
    ) -> Result<Option<User>, StoreError> {
        for round in 0..ROUNDS {
            let Some(found) = self.user(id).await? else {
                return Ok(None);
            };
            let mut user = found.value;
            let Some(also) = decide(&mut user)? else {
                return Ok(None);
            };
            let item = encode(&keys::user(id), found.rev + 1, &user)?;
            let put = Write::Put(item, Expect::Rev(found.rev));
            let sent = if also.is_empty() {
                self.table.write(put).await
            } else {
                let writes = std::iter::once(put).chain(also).collect();
                self.table.transact(writes).await
            };
            match sent {
                Ok(()) => return Ok(Some(user)),
                Err(StoreError::Conflict | StoreError::ConditionAt(0)) => {
                    after_lost_race(round, PAUSE_MS).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the account keeps changing".into()))
    }

    /// Uses up a verification secret and marks its user's address as verified, if it is still the
    /// address the secret was sent to, with the audit row of that user.
    pub async fn verify_email(
        &self,
        digest: &str,
        now: Timestamp,
        row: impl Fn(UserId) -> Result<Write, StoreError>,
    ) -> Result<Option<User>, StoreError> {
        let Taken::Yes(secret) = self.take_secret(digest, Purpose::Verify, now).await? else {
            return Ok(None);
        };
        self.change_user(secret.user_id, |user| {
            let same = secret.address.as_ref().is_none_or(|to| *to == user.email);
            user.email_verified = true;
            same.then(|| Ok(vec![row(user.id)?])).transpose()
        })
        .await
    }
}

/// Writes that move a user's claim from one address to another. The claim on the new address is
/// the first of them.
pub fn address_writes(user: UserId, old: &str, new: &str) -> Vec<Write> {
    let mut item = key_item(&keys::email_claim(new));
    item.insert("user".into(), n(user));
    vec![
        Write::Put(item, Expect::Absent),
        Write::Delete(keys::email_claim(old), Expect::Anything),
    ]
}
