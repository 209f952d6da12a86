//! API tokens: listed below their owner, found by their public part.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, key_item, n, number};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::{ApiToken, UserId};
use domain::time::Timestamp;

/// Rounds of an update that loses races.
const ROUNDS: usize = 5;

/// What became of a new token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Stored.
    Done,
    /// Id or public part is taken: draw again.
    Taken,
    /// Another token of the same owner was made at this moment: count again.
    Raced,
}

impl Store {
    /// Stores a token as its owner's number `count + 1`. The count is part of the condition, so
    /// that many requests at once cannot step over the cap together.
    pub async fn add_token(
        &self,
        token: &ApiToken,
        made: u64,
        also: Vec<Write>,
    ) -> Result<Added, StoreError> {
        let mut lookup = key_item(&keys::token_lookup(&token.lookup));
        lookup.insert("user".into(), n(token.user_id));
        lookup.insert("token".into(), n(token.id));
        let mut counter = key_item(&keys::token_counter(token.user_id));
        counter.insert("rev".into(), n(made + 1));
        let expect = if made == 0 {
            Expect::Absent
        } else {
            Expect::Rev(made)
        };
        let mut writes = vec![
            Write::Put(
                encode(&keys::token(token.user_id, token.id), 1, token)?,
                Expect::Absent,
            ),
            Write::Put(lookup, Expect::Absent),
            Write::Put(counter, expect),
        ];
        writes.extend(also);
        match self.table.transact(writes).await {
            Ok(()) => Ok(Added::Done),
            Err(StoreError::ConditionAt(2)) => Ok(Added::Raced),
            Err(StoreError::ConditionAt(_)) => Ok(Added::Taken),
            Err(error) => Err(error),
        }
    }

    /// How many tokens a user ever made: the counter [`Store::add_token`] is conditioned on.
    pub async fn tokens_made(&self, user: UserId) -> Result<u64, StoreError> {
        let item = self.table.get(&keys::token_counter(user)).await?;
        Ok(item.and_then(|item| number(&item, "rev")).unwrap_or(0))
    }

    /// Tokens of a user, newest first, revoked ones included.
    pub async fn tokens(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError> {
        let pk = keys::user_partition(user);
        let items = self
            .table
            .partition(&pk)
            .prefix(keys::TOKEN_PREFIX)
            .newest_first()
            .all()
            .await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// The token with this public part.
    pub async fn token_by_lookup(&self, lookup: &str) -> Result<Option<ApiToken>, StoreError> {
        let Some(item) = self.table.get(&keys::token_lookup(lookup)).await? else {
            return Ok(None);
        };
        let (Some(user), Some(id)) = (number(&item, "user"), number(&item, "token")) else {
            return Err(StoreError::Corrupt("token claim without token".into()));
        };
        self.token(user, id).await
    }

    /// A token.
    pub async fn token(&self, user: UserId, id: u64) -> Result<Option<ApiToken>, StoreError> {
        let item = self.table.get(&keys::token(user, id)).await?;
        item.as_ref()
            .map(|item| decode(item).map(|v| v.value))
            .transpose()
    }

    /// Notes that a token was used; one that is gone or withdrawn meanwhile stays so.
    pub async fn touch_token(
        &self,
        user: UserId,
        id: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_token(user, id, |token| {
            token.last_used = Some(now);
            Ok(Some(vec![]))
        })
        .await
        .map(|_| ())
    }

    /// Withdraws a token, with its audit row. `None`: there is none; `false`: it was withdrawn
    /// before.
    pub async fn revoke_token(
        &self,
        user: UserId,
        id: u64,
        row: &Write,
    ) -> Result<Option<bool>, StoreError> {
        self.change_token(user, id, |token| {
            if token.revoked {
                return Ok(None);
            }
            token.revoked = true;
            Ok(Some(vec![row.clone()]))
        })
        .await
    }

    /// Changes a token together with other writes; `None` when there is none, `false` when
    /// `decide` left it as it is.
    async fn change_token(
        &self,
        user: UserId,
        id: u64,
        mut decide: impl FnMut(&mut ApiToken) -> Result<Option<Vec<Write>>, StoreError>,
    ) -> Result<Option<bool>, StoreError> {
        let key = keys::token(user, id);
        for _ in 0..ROUNDS {
            let Some(item) = self.table.get(&key).await? else {
                return Ok(None);
            };
            let found = decode::<ApiToken>(&item)?;
            let mut token = found.value;
            let Some(also) = decide(&mut token)? else {
                return Ok(Some(false));
            };
            let put = Write::Put(encode(&key, found.rev + 1, &token)?, Expect::Rev(found.rev));
            let sent = if also.is_empty() {
                self.table.write(put).await
            } else {
                let writes = std::iter::once(put).chain(also).collect();
                self.table.transact(writes).await
            };
            match sent {
                Ok(()) => return Ok(Some(true)),
                Err(StoreError::Conflict | StoreError::ConditionAt(0)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the token keeps changing".into()))
    }
}
