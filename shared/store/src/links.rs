//! Public links, listed below their batch and below whoever made them.

use crate::Store;
use crate::error::{StoreError, classify};
use crate::item::{Item, decode, encode, key_item, n, number, s, text};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::link::{PublicLink, Views};
use domain::time::Timestamp;

/// Links of one list.
const LISTED: usize = 1_000;

impl Store {
    /// Stores a new link, and `also` with it; [`StoreError::ConditionAt`] 0 when its slug is taken.
    pub async fn add_link(&self, link: &PublicLink, also: Vec<Write>) -> Result<(), StoreError> {
        let mut writes = vec![Write::Put(
            encode(&keys::link(&link.slug), 1, link)?,
            Expect::Absent,
        )];
        for key in entries_of(link) {
            let mut entry = key_item(&key);
            entry.insert("slug".into(), s(&link.slug));
            writes.push(Write::Put(entry, Expect::Anything));
        }
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// A link with its views.
    pub async fn link(&self, slug: &str) -> Result<Option<(PublicLink, Views)>, StoreError> {
        let item = self.table.get(&keys::link(slug)).await?;
        item.as_ref().map(read).transpose()
    }

    /// Links of a batch, newest first.
    pub async fn links_of_batch(
        &self,
        batch: &str,
    ) -> Result<Vec<(PublicLink, Views)>, StoreError> {
        self.links_in(&keys::batch_partition(batch)).await
    }

    /// Links a user made, newest first.
    pub async fn links_of_user(
        &self,
        user: UserId,
    ) -> Result<Vec<(PublicLink, Views)>, StoreError> {
        self.links_in(&keys::user_partition(user)).await
    }

    async fn links_in(&self, partition: &str) -> Result<Vec<(PublicLink, Views)>, StoreError> {
        let range = self.table.partition(partition).prefix(keys::LINK_PREFIX);
        let entries = range.take(LISTED).await?;
        let key = |entry| text(entry, "slug").map(keys::link);
        let wanted: Vec<keys::Key> = entries.iter().map(key).collect::<Result<_, _>>()?;
        let found = self.table.get_many(&wanted).await?;
        let mut links: Vec<_> = found.iter().map(read).collect::<Result<_, _>>()?;
        links.sort_by(|(a, _), (b, _)| (b.created_at, &b.slug).cmp(&(a.created_at, &a.slug)));
        Ok(links)
    }

    /// Counts a read through a link that is there.
    pub async fn count_view(&self, slug: &str, now: Timestamp) -> Result<(), StoreError> {
        let counted = self
            .table
            .client()
            .update_item()
            .table_name(self.table.name())
            .set_key(Some(key_item(&keys::link(slug))))
            .update_expression("ADD #views :one SET #viewed = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#views", "views")
            .expression_attribute_names("#viewed", "viewed")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":now", n(now.0))
            .send()
            .await
            .map_err(classify);
        match counted {
            // Revoked a moment ago.
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends a link, and writes `also` with it.
    pub async fn remove_link(&self, link: &PublicLink, also: Vec<Write>) -> Result<(), StoreError> {
        let mut writes = vec![Write::Delete(keys::link(&link.slug), Expect::Anything)];
        let entries = entries_of(link).into_iter();
        writes.extend(entries.map(|key| Write::Delete(key, Expect::Anything)));
        writes.extend(also);
        self.table.transact(writes).await
    }
}

fn entries_of(link: &PublicLink) -> [keys::Key; 2] {
    [
        keys::link_of_batch(&link.batch_id, &link.slug),
        keys::link_of_user(link.created_by, &link.slug),
    ]
}

fn read(item: &Item) -> Result<(PublicLink, Views), StoreError> {
    let views = Views {
        count: number(item, "views").unwrap_or(0),
        last: number(item, "viewed")
            .and_then(|ms| i64::try_from(ms).ok())
            .map(Timestamp),
    };
    Ok((decode(item)?.value, views))
}
