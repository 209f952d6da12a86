//! Browser sessions.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, n};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::{Session, User, UserId};
use domain::time::Timestamp;

/// Rounds of an update that loses races.
const ROUNDS: usize = 5;

/// Put of a new session; goes into the transaction of the login.
pub fn session_write(session: &Session) -> Result<Write, StoreError> {
    write(session, 1, Expect::Absent)
}

fn write(session: &Session, rev: u64, expect: Expect) -> Result<Write, StoreError> {
    let mut item = encode(&keys::session(session.user_id, &session.jti), rev, session)?;
    item.insert(TTL.into(), n(session.expires_at.secs()));
    Ok(Write::Put(item, expect))
}

impl Store {
    /// Stores a new session.
    pub async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        self.table.write(session_write(session)?).await
    }

    /// A session.
    pub async fn session(&self, user: UserId, jti: &str) -> Result<Option<Session>, StoreError> {
        let item = self.table.get(&keys::session(user, jti)).await?;
        item.as_ref()
            .map(|item| decode(item).map(|v| v.value))
            .transpose()
    }

    /// Sessions of a user that still hold, newest first.
    pub async fn sessions(&self, user: &User, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let pk = keys::user_partition(user.id);
        let items = self
            .table
            .partition(&pk)
            .prefix(keys::SESSION_PREFIX)
            .all()
            .await?;
        let mut sessions: Vec<Session> = items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect::<Result<_, StoreError>>()?;
        let holds = |s: &Session| s.revoked_at.is_none() && s.expires_at > now;
        sessions.retain(|s| holds(s) && s.epoch == user.epoch);
        sessions.sort_by(|a, b| (b.issued_at, &b.jti).cmp(&(a.issued_at, &a.jti)));
        Ok(sessions)
    }

    /// Changes a session; false when there is none.
    pub async fn update_session(
        &self,
        user: UserId,
        jti: &str,
        mut change: impl FnMut(&mut Session),
    ) -> Result<bool, StoreError> {
        self.change_session(user, jti, |session| {
            change(session);
            vec![]
        })
        .await
    }

    /// Changes a session together with the writes `decide` returns; false when there is none.
    async fn change_session(
        &self,
        user: UserId,
        jti: &str,
        mut decide: impl FnMut(&mut Session) -> Vec<Write>,
    ) -> Result<bool, StoreError> {
        for _ in 0..ROUNDS {
            let Some(item) = self.table.get(&keys::session(user, jti)).await? else {
                return Ok(false);
            };
            let found = decode::<Session>(&item)?;
            let mut session = found.value;
            let also = decide(&mut session);
            let put = write(&session, found.rev + 1, Expect::Rev(found.rev))?;
            let sent = match also.is_empty() {
                true => self.table.write(put).await,
                false => {
                    let writes = std::iter::once(put).chain(also).collect();
                    self.table.transact(writes).await
                }
            };
            match sent {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict | StoreError::ConditionAt(0)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the session keeps changing".into()))
    }

    /// Ends a session, with the writes of `also`; repeating it keeps the first time and writes
    /// nothing more. False when there is none.
    pub async fn revoke_session(
        &self,
        user: UserId,
        jti: &str,
        now: Timestamp,
        also: Vec<Write>,
    ) -> Result<bool, StoreError> {
        self.change_session(user, jti, |session| match session.revoked_at {
            Some(_) => vec![],
            None => {
                session.revoked_at = Some(now);
                also.clone()
            }
        })
        .await
    }

    /// Puts the session `jti` of `user` into the epoch `epoch`, for the transaction that begins
    /// it; `None` when there is no such session.
    pub async fn carried_session(
        &self,
        user: UserId,
        jti: &str,
        epoch: u32,
    ) -> Result<Option<Write>, StoreError> {
        let Some(item) = self.table.get(&keys::session(user, jti)).await? else {
            return Ok(None);
        };
        let found = decode::<Session>(&item)?;
        let mut session = found.value;
        session.epoch = epoch;
        write(&session, found.rev + 1, Expect::Rev(found.rev)).map(Some)
    }
}
