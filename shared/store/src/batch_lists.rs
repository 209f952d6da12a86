//! Lists of batches, newest start first, one or several read as one.
//!
//! Every list is ordered by the same positions, so one cursor serves any mixture of them.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, Versioned, decode, number, text};
use crate::keys;
use crate::range::Range;
use crate::schema::{GSI1, GSI2};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::account::UserId;
use domain::batch::Batch;
use futures::stream::{StreamExt, TryStreamExt, iter};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Lists read at the same time.
const SIDE_BY_SIDE: usize = 16;

/// Which list of batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchList {
    /// Of one owner.
    Of(UserId),
    /// Of everybody.
    All,
    /// All that use a project's name.
    In(String),
    /// Those a project's members reported.
    Enrolled(String),
    /// Those of one owner in a project.
    OwnIn(String, UserId),
    /// Those with these ids.
    These(Vec<String>),
}

/// A batch with its position, the cursor after it.
pub type Placed = (String, Versioned<Batch>);

/// A batch that has not ended, as the index of such knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveBatch {
    /// Id.
    pub id: String,
    /// Owner.
    pub owner: Option<UserId>,
    /// Project name.
    pub project: String,
    /// Its owner reports as a member of the project.
    pub enrolled: bool,
}

impl Store {
    /// Batches of `lists` together, newest start first, each once, from below `before` on, made of
    /// up to `limit` entries; and the cursor after all of them, when there may be more. Deleted
    /// batches can be among them.
    pub async fn list_batches(
        &self,
        lists: &[BatchList],
        before: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Placed>, Option<String>), StoreError> {
        let reads = lists.iter().map(|list| self.positions(list, before, limit));
        let reads: Vec<Vec<String>> = iter(reads.collect::<Vec<_>>())
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        // A list that came to its limit says nothing of what lies below its last entry.
        let full = reads.iter().filter(|read| read.len() >= limit);
        let known_from = full.filter_map(|read| read.last().cloned()).max();
        let mut positions: Vec<String> = reads.into_iter().flatten().collect();
        positions.retain(|position| known_from.as_ref().is_none_or(|from| position >= from));
        positions.sort_unstable_by(|a, b| b.cmp(a));
        positions.dedup();
        let cut = positions.len() > limit;
        positions.truncate(limit);
        let more = cut || known_from.is_some();
        let next = positions.last().cloned().filter(|_| more);
        Ok((self.placed(positions, lists).await?, next))
    }

    async fn placed(
        &self,
        positions: Vec<String>,
        lists: &[BatchList],
    ) -> Result<Vec<Placed>, StoreError> {
        let keys: Vec<keys::Key> = positions
            .iter()
            .filter_map(|position| keys::batch_at(position))
            .collect();
        let mut found: HashMap<String, Versioned<Batch>> = HashMap::with_capacity(keys.len());
        for item in self.table.get_many(&keys).await? {
            found.insert(text(&item, "pk")?.to_owned(), decode::<Batch>(&item)?);
        }
        let place = |position: String| {
            let batch = found.remove(&keys::batch_at(&position)?.pk)?;
            // Entries of batches that moved away stay behind.
            let listed = lists.iter().any(|list| list.holds(&batch.value));
            listed.then_some((position, batch))
        };
        Ok(positions.into_iter().filter_map(place).collect())
    }

    async fn positions(
        &self,
        list: &BatchList,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let table = &self.table;
        let (range, position) = match list {
            BatchList::Of(owner) => (table.index(GSI1, &keys::batches_of(*owner)), "gsi1sk"),
            BatchList::All => (table.index(GSI2, keys::ALL_BATCHES), "gsi2sk"),
            BatchList::In(project) => (table.partition(&keys::project_batches(project)), "sk"),
            BatchList::Enrolled(project) => (
                table.index(GSI1, &keys::enrolled_batches(project)),
                "gsi1sk",
            ),
            BatchList::OwnIn(project, owner) => {
                let pk = keys::own_batches(project, *owner);
                (table.index(GSI2, &pk), "gsi2sk")
            }
            BatchList::These(ids) => return self.positions_of(ids, before, limit).await,
        };
        newest(range, position, before, limit).await
    }

    async fn positions_of(
        &self,
        ids: &[String],
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let found = self.batches(ids).await?;
        let position = |batch: &Batch| keys::batch_by_start(batch.start_time.at, &batch.id);
        let mut positions: Vec<String> = found
            .values()
            .map(position)
            .filter(|position| before.is_none_or(|before| position.as_str() < before))
            .collect();
        positions.sort_unstable_by_key(|position| Reverse(position.clone()));
        positions.truncate(limit);
        Ok(positions)
    }

    /// Up to `limit` batches that have not ended, those after the cursor `after`, and the cursor to
    /// go on with when there may be more.
    pub async fn active_page(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ActiveBatch>, Option<String>), StoreError> {
        let range = self.table.partition(keys::ACTIVE);
        let range = match after {
            Some(after) => range.after(after),
            None => range,
        };
        let items = range.take(limit).await?;
        let next = items.last().filter(|_| items.len() >= limit);
        let next = next.map(|item| text(item, "sk").map(str::to_owned));
        let found = items.iter().map(active).collect::<Result<_, _>>()?;
        Ok((found, next.transpose()?))
    }

    /// The batches that have not ended.
    pub async fn active_batches(&self) -> Result<Vec<ActiveBatch>, StoreError> {
        let items = self.table.partition(keys::ACTIVE).all().await?;
        items.iter().map(active).collect()
    }
}

impl BatchList {
    fn holds(&self, batch: &Batch) -> bool {
        match self {
            Self::Of(owner) => batch.owner_id == Some(*owner),
            Self::All => true,
            Self::In(project) => batch.project == *project,
            Self::Enrolled(project) => batch.enrolled && batch.project == *project,
            Self::OwnIn(project, owner) => {
                batch.project == *project && batch.owner_id == Some(*owner)
            }
            Self::These(ids) => ids.contains(&batch.id),
        }
    }
}

async fn newest(
    range: Range,
    position: &str,
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let range = range.newest_first();
    let range = match before {
        Some(position) => range.below(position),
        None => range,
    };
    let entries: Vec<Item> = range.take(limit).await?;
    let position = |entry| text(entry, position).map(str::to_owned);
    entries.iter().map(position).collect()
}

fn active(item: &Item) -> Result<ActiveBatch, StoreError> {
    Ok(ActiveBatch {
        id: text(item, "id")?.to_owned(),
        owner: number(item, "owner"),
        project: text(item, "project").unwrap_or_default().to_owned(),
        enrolled: matches!(item.get("enrolled"), Some(AttributeValue::Bool(true))),
    })
}
