//! Words of mails that somebody put in the place of the built-in ones. Every change moves the
//! revision of the settings too, by which instances notice it.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most rows: every template in every language, with room to grow.
const MOST: usize = 500;

/// Words of one template in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTemplate {
    /// Which mail, `verification`.
    pub template: String,
    /// Language, `en-US`.
    pub locale: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
    /// When it was written.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: UserId,
}

/// Put of a template's words.
pub fn template_write(stored: &StoredTemplate) -> Result<Write, StoreError> {
    let key = keys::mail_template(&stored.template, &stored.locale);
    Ok(Write::Put(encode(&key, 1, stored)?, Expect::Anything))
}

/// Removal of a template's words: the built-in ones count again.
pub fn template_removal(template: &str, locale: &str) -> Write {
    Write::Delete(keys::mail_template(template, locale), Expect::Anything)
}

impl Store {
    /// All words somebody wrote.
    pub async fn mail_templates(&self) -> Result<Vec<StoredTemplate>, StoreError> {
        let items = self
            .table
            .partition(keys::MAIL_TEMPLATES)
            .take(MOST)
            .await?;
        let row = |item| decode(item).map(|found| found.value);
        items.iter().map(row).collect()
    }
}
