//! Wrong passwords, counted per account and network: whoever guesses locks themselves out, not
//! the owner of the account.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, decode, encode, n, text};
use crate::keys::{self, Key};
use crate::pause::after_lost_race;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::bucket::LOGIN_STRANGE;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Rounds of a count that loses races.
const ROUNDS: u32 = 10;
/// First pause after a lost race, milliseconds.
const PAUSE_MS: u64 = 2;
/// Networks of one account that are looked at together.
const NETWORKS: usize = 1000;
/// Seconds after which failures are forgotten.
const FORGOTTEN_SECS: i64 = 86_400;

/// Wrong passwords from one network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginLock {
    /// Since the last success or lock.
    pub failures: u32,
    /// Logins are refused until then.
    pub until: Option<Timestamp>,
}

/// Removal of a lock, for the transaction of a successful login.
pub fn unlock_write(who: &str, network: &str) -> Write {
    Write::Delete(keys::login_lock(who, network), Expect::Anything)
}

impl Store {
    /// Wrong passwords for `who` from all networks together: how many count, and until when the
    /// last lock holds.
    pub async fn login_locks(&self, who: &str, now: Timestamp) -> Result<LoginLock, StoreError> {
        let mut sum = LoginLock::default();
        for item in self.lock_rows(who).await? {
            let lock: LoginLock = decode(&item)?.value;
            sum.failures = sum.failures.saturating_add(lock.failures);
            sum.until = sum.until.max(lock.until.filter(|until| *until > now));
        }
        Ok(sum)
    }

    /// Forgets every wrong password for `who`, and how often strangers tried.
    pub async fn clear_login_locks(&self, who: &str) -> Result<(), StoreError> {
        for item in self.lock_rows(who).await? {
            let key = Key {
                pk: keys::login_locks(who),
                sk: text(&item, "sk")?.to_owned(),
            };
            let unlock = Write::Delete(key, Expect::Anything);
            self.table.write(unlock).await?;
        }
        let strangers = keys::limit(LOGIN_STRANGE.name, who);
        let fill = Write::Delete(strangers, Expect::Anything);
        self.table.write(fill).await
    }

    async fn lock_rows(&self, who: &str) -> Result<Vec<Item>, StoreError> {
        let pk = keys::login_locks(who);
        self.table.partition(&pk).take(NETWORKS).await
    }

    /// Until when `network` may not log in to `who`.
    pub async fn login_lock(
        &self,
        who: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let item = self.table.get(&keys::login_lock(who, network)).await?;
        let lock: Option<LoginLock> = item.as_ref().map(decode).transpose()?.map(|v| v.value);
        Ok(lock
            .and_then(|lock| lock.until)
            .filter(|until| *until > now))
    }

    /// Counts a wrong password. The `most`-th locks for `lock_secs` and starts the count anew.
    pub async fn count_wrong_password(
        &self,
        who: &str,
        network: &str,
        now: Timestamp,
        (most, lock_secs): (u32, i64),
    ) -> Result<(), StoreError> {
        let key = keys::login_lock(who, network);
        for round in 0..ROUNDS {
            let item = self.table.get(&key).await?;
            let found = item.as_ref().map(decode::<LoginLock>).transpose()?;
            let rev = found.as_ref().map(|found| found.rev);
            let mut lock = found.map(|found| found.value).unwrap_or_default();
            lock.failures += 1;
            if lock.failures >= most {
                lock.failures = 0;
                lock.until = Some(now.plus_secs(lock_secs));
            }
            let mut item = encode(&key, rev.unwrap_or(0) + 1, &lock)?;
            item.insert(
                TTL.into(),
                n(now.plus_secs(FORGOTTEN_SECS.max(lock_secs)).secs()),
            );
            let put = Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev));
            match self.table.write(put).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Conflict) => after_lost_race(round, PAUSE_MS).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy(
            "the count of wrong passwords keeps changing".into(),
        ))
    }
}
