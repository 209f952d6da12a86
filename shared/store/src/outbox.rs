//! Mails that wait to be sent: rows written with the change that causes them.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Time-ordered id.
    pub id: u64,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML, if it has any.
    pub html: Option<String>,
    /// When it was caused.
    pub created_at: Timestamp,
}

/// Put of a mail; goes into the transaction of its cause.
pub fn mail_write(mail: &Mail) -> Result<Write, StoreError> {
    Ok(Write::Put(
        encode(&keys::outbox(mail.id), 1, mail)?,
        Expect::Anything,
    ))
}

impl Store {
    /// Up to `limit` waiting mails, oldest first.
    pub async fn waiting_mails(&self, limit: usize) -> Result<Vec<Mail>, StoreError> {
        let items = self.table.partition(keys::OUTBOX).take(limit).await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// Forgets a delivered mail.
    pub async fn remove_mail(&self, id: u64) -> Result<(), StoreError> {
        self.table
            .write(Write::Delete(keys::outbox(id), Expect::Anything))
            .await
    }
}
