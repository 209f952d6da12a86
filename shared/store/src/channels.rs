//! Channels of people and projects, what is to be said on them, and what was.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode, n};
use crate::keys;
use crate::outbox::{Payload, Waiting, message_write};
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::channel::{Channel, ChannelOwner, Said};
use domain::limits::CHANNELS_PER_OWNER;
use domain::notice::Notice;
use domain::time::Timestamp;

/// Days for which it is known what was said.
const SAID_DAYS: i64 = 14;
/// Rounds of an update that loses races.
const ROUNDS: usize = 8;

/// Message that says `notice`, or that a test was asked for, on a channel from `due` on. `id` is
/// the message's.
pub fn post_write(
    id: u64,
    (of, channel): (&ChannelOwner, u64),
    notice: Option<Notice>,
    now: Timestamp,
    due: Timestamp,
) -> Result<Write, StoreError> {
    let payload = Payload::Post {
        of: of.clone(),
        channel,
        notice,
    };
    message_write(&Waiting::new(id, payload, now), due)
}

/// Note of what was said on a channel, kept for [`SAID_DAYS`].
pub fn said_write(channel: u64, said: &Said) -> Result<Write, StoreError> {
    let mut item = encode(&keys::said(channel, said.id), 1, said)?;
    let ends = said.tried_at.plus_secs(SAID_DAYS * 86_400);
    item.insert(TTL.into(), n(ends.secs()));
    Ok(Write::Put(item, Expect::Anything))
}

impl Store {
    /// Somebody's channels, oldest first.
    pub async fn channels(&self, of: &ChannelOwner) -> Result<Vec<Channel>, StoreError> {
        let partition = keys::channels_of(of);
        let range = self
            .table
            .partition(&partition)
            .prefix(keys::CHANNEL_PREFIX);
        let items = range.take(CHANNELS_PER_OWNER * 2).await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// A channel.
    pub async fn channel(&self, of: &ChannelOwner, id: u64) -> Result<Option<Channel>, StoreError> {
        let item = self.table.get(&keys::channel(of, id)).await?;
        item.as_ref()
            .map(|item| decode(item).map(|v| v.value))
            .transpose()
    }

    /// Adds a channel, with `also`; [`StoreError::ConditionAt`] 0 when its id is taken.
    pub async fn add_channel(
        &self,
        of: &ChannelOwner,
        channel: &Channel,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let item = encode(&keys::channel(of, channel.id), 1, channel)?;
        let mut writes = vec![Write::Put(item, Expect::Absent)];
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// Changes a channel, with what `change` returns besides; it may run again on a newer version,
    /// and `Err` in it stops. `None` when there is no such channel.
    pub async fn update_channel<E: From<StoreError>>(
        &self,
        of: &ChannelOwner,
        id: u64,
        mut change: impl FnMut(&mut Channel) -> Result<Vec<Write>, E>,
    ) -> Result<Option<Channel>, E> {
        let key = keys::channel(of, id);
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
        of: &ChannelOwner,
        id: u64,
        also: Vec<Write>,
    ) -> Result<bool, StoreError> {
        let mut writes = vec![Write::Delete(keys::channel(of, id), Expect::Present)];
        writes.extend(also);
        match self.table.transact(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::ConditionAt(0)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What was said on a channel, newest first, from below the id `before` on.
    pub async fn said(
        &self,
        channel: u64,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Said>, StoreError> {
        let partition = keys::said_on(channel);
        let range = self.table.partition(&partition).newest_first();
        let range = match before {
            Some(id) => range.below(&keys::number(id)),
            None => range,
        };
        let items = range.take(limit).await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }
}
