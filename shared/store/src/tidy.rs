//! What nothing points at any more: rows an engine should have removed by itself, and objects
//! without a row.

use crate::Store;
use crate::artifacts;
use crate::cull::Cull;
use crate::error::StoreError;
use crate::item::{Item, decode, is_alive, keys_of, number, text};
use crate::keys::{self, Key};
use crate::spills;
use crate::table::Table;
use domain::artifact::Artifact;
use domain::spill::Spill;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Rows or objects looked at together.
const PAGE: usize = 100;
/// An object younger than this, seconds, may still get its row.
const YOUNG_SECS: i64 = 86_400;
/// Word for rows whose time is over.
const EXPIRED: &str = "expired";
/// Word for objects without a row.
const ORPHANS: &str = "orphans";

/// Where a tidying is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tidying {
    /// When the last one was complete.
    pub done_at: Timestamp,
    part: Part,
    after: String,
}

impl Tidying {
    /// Whether one began and is not complete.
    pub fn is_under_way(&self) -> bool {
        self.part != Part::default() || !self.after.is_empty()
    }
}

/// What is tidied, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// Sessions and parked files of users.
    #[default]
    Users,
    /// Entries of spill uploads.
    Spills,
    /// Objects of artifacts.
    Artifacts,
    /// Objects of spill uploads.
    Files,
}

impl Part {
    fn next(self) -> Option<Self> {
        match self {
            Self::Users => Some(Self::Spills),
            Self::Spills => Some(Self::Artifacts),
            Self::Artifacts => Some(Self::Files),
            Self::Files => None,
        }
    }
}

impl Store {
    /// Goes on with a tidying, or begins one, as far as time allows; true when it is complete.
    pub async fn tidy(
        &self,
        at: &mut Tidying,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<bool, StoreError> {
        loop {
            let last = match at.part {
                Part::Users => self.tidy_users(&at.after, now, cull).await?,
                Part::Spills => self.tidy_spills(&at.after, now, cull).await?,
                Part::Artifacts => self.tidy_artifacts(&at.after, now, cull).await?,
                Part::Files => self.tidy_files(&at.after, now, cull).await?,
            };
            match (last, at.part.next()) {
                (Some(last), _) => at.after = last,
                (None, Some(next)) => (at.part, at.after) = (next, String::new()),
                (None, None) => {
                    *at = Tidying {
                        done_at: now,
                        ..Tidying::default()
                    };
                    return Ok(true);
                }
            }
            if cull.is_over() {
                return Ok(false);
            }
        }
    }

    async fn tidy_users(
        &self,
        after: &str,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<Option<String>, StoreError> {
        let page = self.table.partition(keys::USERS).after(after);
        let page = page.take(PAGE).await?;
        for entry in &page {
            let Ok(user) = text(entry, "sk")?.parse::<u64>() else {
                continue;
            };
            let rows = self.table.partition(&keys::user_partition(user));
            let mut sessions = rows.prefix(keys::SESSION_PREFIX).all().await?;
            sessions.retain(|item| !is_alive(item, now));
            cull.rows(self, EXPIRED, &sessions).await?;
            self.tidy_parked(user, now, cull).await?;
        }
        ended(&page, "sk")
    }

    /// Files whose job never came.
    async fn tidy_parked(
        &self,
        user: u64,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<(), StoreError> {
        let entries = self.table.partition(&keys::parked_partition(user));
        let mut entries = entries.all().await?;
        entries.retain(|item| !is_alive(item, now));
        let ids = entries.iter().filter_map(|entry| number(entry, "id"));
        let wanted: Vec<Key> = ids.map(keys::artifact).collect();
        let mut rows = self.table.get_many(&wanted).await?;
        // One that was settled meanwhile lost its end.
        rows.retain(|item| !is_alive(item, now));
        let mut objects = Vec::with_capacity(rows.len());
        for row in &rows {
            let artifact: Artifact = decode(row)?.value;
            objects.push((artifact.object, artifact.size_bytes));
        }
        cull.objects(self, ORPHANS, &objects).await?;
        cull.rows(self, EXPIRED, &rows).await?;
        cull.rows(self, EXPIRED, &entries).await
    }

    async fn tidy_spills(
        &self,
        after: &str,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<Option<String>, StoreError> {
        let page = self.table.partition(keys::SPILLS).after(after);
        let page = page.take(PAGE).await?;
        let over = page.iter().filter(|item| !is_alive(item, now));
        let over: Vec<Item> = over.cloned().collect();
        cull.rows(self, EXPIRED, &over).await?;
        ended(&page, "sk")
    }

    async fn tidy_artifacts(
        &self,
        after: &str,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<Option<String>, StoreError> {
        let page = self
            .blobs
            .list(artifacts::OBJECT_PREFIX, after, PAGE)
            .await?;
        let old = |object: &&crate::blobs::Listed| now.secs() - object.modified.secs() > YOUNG_SECS;
        let named = page.iter().filter(old);
        let named: Vec<_> = named
            .filter_map(|object| Some((artifacts::id_of_object(&object.key)?, object)))
            .collect();
        let wanted = named.iter().map(|(id, _)| keys::artifact(*id)).collect();
        let rows = found(&self.table, wanted).await?;
        let mut orphans = Vec::new();
        let mut dead = Vec::new();
        for (id, object) in named {
            let row = rows.get(&keys::artifact(id).pk);
            let artifact: Option<Artifact> = row.map(decode).transpose()?.map(|row| row.value);
            let lives = artifact.is_some_and(|artifact| {
                let waits = artifact.expires_at.is_none_or(|at| at > now);
                artifact.object == object.key && (!artifact.pending || waits)
            });
            if !lives {
                orphans.push((object.key.clone(), object.size));
                dead.extend(row.cloned());
            }
        }
        cull.objects(self, ORPHANS, &orphans).await?;
        cull.rows(self, EXPIRED, &dead).await?;
        Ok(ended_at(&page))
    }

    async fn tidy_files(
        &self,
        after: &str,
        now: Timestamp,
        cull: &mut Cull,
    ) -> Result<Option<String>, StoreError> {
        let page = self.blobs.list(spills::OBJECT_PREFIX, after, PAGE).await?;
        let old = |object: &&crate::blobs::Listed| now.secs() - object.modified.secs() > YOUNG_SECS;
        let named: Vec<_> = page
            .iter()
            .filter(old)
            .filter_map(|object| Some((spills::id_of_object(&object.key)?, object)))
            .collect();
        let wanted = named.iter().map(|(id, _)| keys::spill(*id)).collect();
        let rows = found(&self.table, wanted).await?;
        let mut orphans = Vec::new();
        for (id, object) in named {
            let row = rows.get(&keys::spill(id).pk);
            let row = row.filter(|item| is_alive(item, now));
            let spill: Option<Spill> = row.map(decode).transpose()?.map(|row| row.value);
            if spill.is_none_or(|spill| spill.state.is_final()) {
                orphans.push((object.key.clone(), object.size));
            }
        }
        cull.objects(self, ORPHANS, &orphans).await?;
        Ok(ended_at(&page))
    }
}

/// Rows by partition.
async fn found(table: &Table, wanted: Vec<Key>) -> Result<HashMap<String, Item>, StoreError> {
    let mut rows = HashMap::with_capacity(wanted.len());
    for item in table.get_many(&wanted).await? {
        let key = keys_of(std::slice::from_ref(&item))?.pop();
        rows.extend(key.map(|key| (key.pk, item)));
    }
    Ok(rows)
}

/// Where a page ended; `None` when it was the last.
fn ended(page: &[Item], name: &str) -> Result<Option<String>, StoreError> {
    let last = page.last().filter(|_| page.len() == PAGE);
    last.map(|item| text(item, name).map(str::to_owned))
        .transpose()
}

fn ended_at(page: &[crate::blobs::Listed]) -> Option<String> {
    let last = page.last().filter(|_| page.len() == PAGE);
    last.map(|object| object.key.clone())
}
