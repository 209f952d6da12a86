//! Addresses that are told what happens in a project.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, Versioned, decode, encode, key_item, n};
use crate::keys;
use crate::table::{Expect, Write};
use domain::limits::RECIPIENTS;
use domain::project::Recipient;

fn claim(project: &str, recipient: &Recipient) -> Item {
    let mut item = key_item(&keys::recipient_claim(project, &recipient.email));
    item.insert("id".into(), n(recipient.id));
    item
}

impl Store {
    /// Recipients of a project, oldest first.
    pub async fn recipients(&self, project: &str) -> Result<Vec<Recipient>, StoreError> {
        let range = self.table.partition(&keys::project_partition(project));
        let range = range.prefix(keys::RECIPIENT_PREFIX);
        let items = range.take(2 * RECIPIENTS).await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// One recipient.
    pub async fn recipient(
        &self,
        project: &str,
        id: u64,
    ) -> Result<Option<Versioned<Recipient>>, StoreError> {
        let item = self.table.get(&keys::recipient(project, id)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Adds a recipient, and `also` with it; [`StoreError::ConditionAt`] 0 when the address is
    /// listed, 1 when the id is taken.
    pub async fn add_recipient(
        &self,
        project: &str,
        recipient: &Recipient,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let row = encode(&keys::recipient(project, recipient.id), 1, recipient)?;
        let mut writes = vec![
            Write::Put(claim(project, recipient), Expect::Absent),
            Write::Put(row, Expect::Absent),
        ];
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// Saves a recipient whose address was `before`, and `also` with it;
    /// [`StoreError::ConditionAt`] 1 when the new address is listed.
    pub async fn save_recipient(
        &self,
        project: &str,
        recipient: &Recipient,
        before: Versioned<Recipient>,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let key = keys::recipient(project, recipient.id);
        let row = encode(&key, before.rev + 1, recipient)?;
        let mut writes = vec![Write::Put(row, Expect::Rev(before.rev))];
        if before.value.email != recipient.email {
            writes.push(Write::Put(claim(project, recipient), Expect::Absent));
            let old = keys::recipient_claim(project, &before.value.email);
            writes.push(Write::Delete(old, Expect::Anything));
        }
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// Removes a recipient, and writes `also` with it.
    pub async fn remove_recipient(
        &self,
        project: &str,
        recipient: &Recipient,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let keys = [
            keys::recipient(project, recipient.id),
            keys::recipient_claim(project, &recipient.email),
        ];
        let mut writes: Vec<Write> = keys
            .into_iter()
            .map(|key| Write::Delete(key, Expect::Anything))
            .collect();
        writes.extend(also);
        self.table.transact(writes).await
    }
}
