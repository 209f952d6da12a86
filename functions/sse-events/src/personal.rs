//! What a stream says about the notifications of whoever listens.

use crate::frame;
use bytes::Bytes;
use domain::account::UserId;
use domain::notice::Notification;
use runtime::Services;
use serde_json::{Value, json};
use store::StoreError;

/// Follows the notifications of one person.
pub struct Personal {
    user: UserId,
    /// What was told last: how many are unread, and the newest.
    told: Option<(usize, Option<u64>)>,
}

impl Personal {
    /// Nothing was told yet.
    pub fn new(user: UserId) -> Self {
        Self { user, told: None }
    }

    /// Whose notifications.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The frame for whoever just came; none for people without notifications.
    pub async fn begin(&mut self, services: &Services) -> Result<Option<Bytes>, StoreError> {
        let frame = self.changed(services).await?;
        let any = self.told.is_some_and(|(_, newest)| newest.is_some());
        Ok(frame.filter(|_| any))
    }

    /// The frame after a change somewhere else, which shows in the newest: one cheap read.
    pub async fn poll(&mut self, services: &Services) -> Result<Option<Bytes>, StoreError> {
        let now = services.clock.now();
        let newest = services.store.newest_notification(self.user, now).await?;
        let newest = newest.map(|newest| newest.id);
        match self.told.is_some_and(|(_, told)| told == newest) {
            true => Ok(None),
            false => self.changed(services).await,
        }
    }

    /// The frame after a change, unless it was told already.
    pub async fn changed(&mut self, services: &Services) -> Result<Option<Bytes>, StoreError> {
        let (store, now) = (&services.store, services.clock.now());
        let newest = store.newest_notification(self.user, now).await?;
        let unread = store.unread_notifications(self.user, now).await?;
        let found = Some((unread, newest.as_ref().map(|newest| newest.id)));
        if self.told == found {
            return Ok(None);
        }
        self.told = found;
        let data = json!({"unread": unread, "newest": newest.as_ref().map(view)});
        Ok(Some(frame::control(None, "notification", &data)))
    }
}

fn view(newest: &Notification) -> Value {
    json!({
        "id": newest.id,
        "batch_id": newest.batch_id,
        "rule_id": newest.rule_id,
        "severity": newest.severity.as_str(),
        "title": newest.title,
        "created_at": newest.created_at.to_text(),
    })
}
