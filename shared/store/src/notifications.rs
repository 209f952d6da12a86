//! What people are shown in the web UI.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, n};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::limits::NOTIFICATION_TTL_SECS;
use domain::notice::Notification;
use domain::time::Timestamp;

/// Rounds of an update that loses races.
const ROUNDS: usize = 8;
/// Notifications of one person that are looked at.
const LOOKED_AT: usize = 1000;
/// Unread ones that are counted at most: a larger number says no more to anybody.
const COUNTED: usize = 200;

fn write(
    user: UserId,
    shown: &Notification,
    rev: u64,
    expect: Expect,
) -> Result<Write, StoreError> {
    let mut item = encode(&keys::notification(user, shown.id), rev, shown)?;
    let ends = shown.created_at.plus_secs(NOTIFICATION_TTL_SECS);
    item.insert(TTL.into(), n(ends.secs()));
    Ok(Write::Put(item, expect))
}

/// Put of a new notification; goes into the transaction of its cause. The condition fails when
/// the id is taken: draw another.
pub fn notification_write(user: UserId, shown: &Notification) -> Result<Write, StoreError> {
    write(user, shown, 1, Expect::Absent)
}

impl Store {
    /// A person's notifications, newest first, up to `limit` of the newest thousand.
    pub async fn notifications(
        &self,
        user: UserId,
        unread_only: bool,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Notification>, StoreError> {
        let partition = keys::notifications_of(user);
        let most = if unread_only { LOOKED_AT } else { limit };
        let items = self.table.partition(&partition).newest_first().take(most);
        let mut found = Vec::new();
        for item in items.await? {
            let shown: Notification = decode(&item)?.value;
            let lives = shown.created_at.plus_secs(NOTIFICATION_TTL_SECS) > now;
            if lives && (shown.read_at.is_none() || !unread_only) {
                found.push(shown);
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// How many notifications a person has not read, of the newest two hundred.
    pub async fn unread_notifications(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let newest = self.notifications(user, false, COUNTED, now).await?;
        let unread = newest.iter().filter(|shown| shown.read_at.is_none());
        Ok(unread.count())
    }

    /// The newest notification of a person.
    pub async fn newest_notification(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<Notification>, StoreError> {
        Ok(self.notifications(user, false, 1, now).await?.pop())
    }

    /// Marks a notification as read, unless it is already; `false` when there is none.
    pub async fn ack_notification(
        &self,
        user: UserId,
        id: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = keys::notification(user, id);
        for _ in 0..ROUNDS {
            let Some(item) = self.table.get(&key).await? else {
                return Ok(false);
            };
            let Versioned { mut value, rev } = decode::<Notification>(&item)?;
            if value.read_at.is_some() {
                return Ok(true);
            }
            value.read_at = Some(now);
            let put = write(user, &value, rev + 1, Expect::Rev(rev))?;
            match self.table.write(put).await {
                Ok(()) => {
                    self.hub.notified(user);
                    return Ok(true);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the notification keeps changing".into()))
    }

    /// Marks all of a person's notifications as read.
    pub async fn ack_all_notifications(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for shown in self.notifications(user, true, LOOKED_AT, now).await? {
            self.ack_notification(user, shown.id, now).await?;
        }
        Ok(())
    }

    /// Removes a notification; `false` when there is none.
    pub async fn remove_notification(&self, user: UserId, id: u64) -> Result<bool, StoreError> {
        let delete = Write::Delete(keys::notification(user, id), Expect::Present);
        match self.table.write(delete).await {
            Ok(()) => {
                self.hub.notified(user);
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
