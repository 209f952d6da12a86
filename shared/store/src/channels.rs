//! People's channels, and what is to be said on them.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::outbox::{Payload, Waiting, message_write};
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::channel::Channel;
use domain::limits::CHANNELS_PER_USER;
use domain::notice::Notice;
use domain::time::Timestamp;

/// Rounds of an update that loses races.
const ROUNDS: usize = 8;

/// Message that says `notice`, or that a test was asked for, on a channel from `due` on. `id` is
/// the message's.
pub fn post_write(
    id: u64,
    user: UserId,
    channel: u64,
    notice: Option<Notice>,
    now: Timestamp,
    due: Timestamp,
) -> Result<Write, StoreError> {
    let payload = Payload::Post {
        user,
        channel,
        notice,
    };
    message_write(&Waiting::new(id, payload, now), due)
}

impl Store {
    /// A user's channels, oldest first.
    pub async fn channels(&self, user: UserId) -> Result<Vec<Channel>, StoreError> {
        let partition = keys::user_partition(user);
        let range = self
            .table
            .partition(&partition)
            .prefix(keys::CHANNEL_PREFIX);
        let items = range.take(CHANNELS_PER_USER * 2).await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// A channel.
    pub async fn channel(&self, user: UserId, id: u64) -> Result<Option<Channel>, StoreError> {
        let item = self.table.get(&keys::channel(user, id)).await?;
        item.as_ref()
            .map(|item| decode(item).map(|v| v.value))
            .transpose()
    }

    /// Adds a channel, with `also`; [`StoreError::ConditionAt`] 0 when its id is taken.
    pub async fn add_channel(
        &self,
        user: UserId,
        channel: &Channel,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let item = encode(&keys::channel(user, channel.id), 1, channel)?;
        let mut writes = vec![Write::Put(item, Expect::Absent)];
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// Changes a channel, with what `change` returns besides; it may run again on a newer version,
    /// and `Err` in it stops. `None` when there is no such channel.
    pub async fn update_channel<E: From<StoreError>>(
        &self,
        user: UserId,
        id: u64,
        mut change: impl FnMut(&mut Channel) -> Result<Vec<Write>, E>,
    ) -> Result<Option<Channel>, E> {
        let key = keys::channel(user, id);
        for _ in 0..ROUNDS {
            let Some(item) = self.table.get(&key).await? else {
                return Ok(None);
            };
            let found = decode::<Channel>(&item)?;
            let mut channel = found.value;
            let also = change(&mut channel)?;
            let item = encode(&key, found.rev + 1, &channel)?;
            let mut writes = vec![Write::Put(item, Expect::Rev(found.rev))];
            writes.extend(also);
            match self.table.transact(writes).await {
                Ok(()) => return Ok(Some(channel)),
                Err(StoreError::ConditionAt(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Busy("the channel keeps changing".into()).into())
    }

    /// Removes a channel, with `also`; `false` when there is none.
    pub async fn remove_channel(
        &self,
        user: UserId,
        id: u64,
        also: Vec<Write>,
    ) -> Result<bool, StoreError> {
        let mut writes = vec![Write::Delete(keys::channel(user, id), Expect::Present)];
        writes.extend(also);
        match self.table.transact(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::ConditionAt(0)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
