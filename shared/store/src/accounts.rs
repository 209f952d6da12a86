//! Users, and the claims that keep names and addresses unique.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, key_item, n, number};
use crate::keys;
use crate::outbox::{Mail, mail_write};
use crate::secrets::{Secret, secret_write};
use crate::table::{Expect, Write};
use domain::account::{User, UserId};
use domain::time::Timestamp;

/// Name of the mark that says an administrator exists.
const FIRST_ADMIN: &str = "first_admin";
/// Rounds of an update that loses races.
const ROUNDS: usize = 8;

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The account exists now; `true`: it is the first and an administrator.
    Done(bool),
    /// Somebody has this name.
    UsernameTaken,
    /// Somebody has this address.
    EmailTaken,
    /// The id is taken: draw another.
    IdTaken,
}

impl Store {
    /// Whether the first account was made.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        Ok(self.table.get(&keys::system(FIRST_ADMIN)).await?.is_some())
    }

    /// Creates an account with its claims, its verification secret and the mail that carries it,
    /// all or nothing. Whoever comes first becomes administrator, however many try at once.
    pub async fn register(
        &self,
        user: &User,
        secret: &Secret,
        mail: &Mail,
    ) -> Result<Registered, StoreError> {
        if !self.has_admin().await? {
            let admin = User {
                is_admin: true,
                ..user.clone()
            };
            let mark = Write::Put(key_item(&keys::system(FIRST_ADMIN)), Expect::Absent);
            match self.create(&admin, secret, mail, Some(mark)).await? {
                // Somebody else was first in the meantime.
                None => {}
                Some(outcome) => return Ok(outcome),
            }
        }
        let outcome = self.create(user, secret, mail, None).await?;
        outcome.ok_or_else(|| StoreError::Failed("registration without a mark lost it".into()))
    }

    async fn create(
        &self,
        user: &User,
        secret: &Secret,
        mail: &Mail,
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
            secret_write(secret)?,
            mail_write(mail)?,
        ];
        writes.extend(mark);
        match self.table.transact(writes).await {
            Ok(()) => Ok(Some(Registered::Done(is_admin))),
            // The id of the account, or that of its mail.
            Err(StoreError::ConditionAt(0 | 5)) => Ok(Some(Registered::IdTaken)),
            Err(StoreError::ConditionAt(1)) => Ok(Some(Registered::UsernameTaken)),
            Err(StoreError::ConditionAt(2)) => Ok(Some(Registered::EmailTaken)),
            Err(StoreError::ConditionAt(6)) => Ok(None),
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
        for _ in 0..ROUNDS {
            let Some(found) = self.user(id).await? else {
                return Ok(None);
            };
            let mut user = found.value;
            change(&mut user);
            let item = encode(&keys::user(id), found.rev + 1, &user)?;
            match self
                .table
                .write(Write::Put(item, Expect::Rev(found.rev)))
                .await
            {
                Ok(()) => return Ok(Some(user)),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the account keeps changing".into()))
    }

    /// Uses up a verification secret and marks its user's address as verified.
    pub async fn verify_email(
        &self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        match self.take_secret(digest, "verify", now).await? {
            Some(user) => {
                self.update_user(user, |user| user.email_verified = true)
                    .await
            }
            None => Ok(None),
        }
    }
}
