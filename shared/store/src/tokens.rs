//! API tokens: listed below their owner, found by their public part.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, key_item, n, number};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::{ApiToken, UserId};

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
    pub async fn add_token(&self, token: &ApiToken, made: u64) -> Result<Added, StoreError> {
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
        let writes = vec![
            Write::Put(
                encode(&keys::token(token.user_id, token.id), 1, token)?,
                Expect::Absent,
            ),
            Write::Put(lookup, Expect::Absent),
            Write::Put(counter, expect),
        ];
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

    /// Changes a token; `None` when there is none, else the token as it was before.
    pub async fn update_token(
        &self,
        user: UserId,
        id: u64,
        mut change: impl FnMut(&mut ApiToken),
    ) -> Result<Option<ApiToken>, StoreError> {
        let key = keys::token(user, id);
        for _ in 0..ROUNDS {
            let Some(item) = self.table.get(&key).await? else {
                return Ok(None);
            };
            let found = decode::<ApiToken>(&item)?;
            let mut token = found.value.clone();
            change(&mut token);
            let put = Write::Put(encode(&key, found.rev + 1, &token)?, Expect::Rev(found.rev));
            match self.table.write(put).await {
                Ok(()) => return Ok(Some(found.value)),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the token keeps changing".into()))
    }
}
