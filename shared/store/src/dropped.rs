//! Deleted projects: what they were, kept for as long as they can be brought back.
//!
//! Whoever uses the name next must not find the old members there, so members and recipients go
//! at once; the entry that keeps them says whether that is done, and the sweep does the rest.

use crate::Store;
use crate::cull::Cull;
use crate::error::StoreError;
use crate::grants::Grant;
use crate::item::{Item, Versioned, decode, encode};
use crate::keys;
use crate::projects;
use crate::table::{Expect, Write};
use domain::project::{Project, Recipient};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Entries looked at by one sweep.
const LISTED: usize = 1_000;
/// Members of one transaction, two writes each.
const TOGETHER: usize = 45;

/// A deleted project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    /// Its settings.
    pub project: Project,
    /// Who took part.
    pub members: Vec<Grant>,
    /// Who was told.
    pub recipients: Vec<Recipient>,
    /// When it was deleted.
    pub at: Timestamp,
    /// Members and recipients are gone.
    pub cleared: bool,
}

fn entry(dropped: &Dropped, rev: u64) -> Result<Item, StoreError> {
    encode(&keys::dropped(&dropped.project.slug), rev, dropped)
}

impl Store {
    /// Deletes a project, and writes `also` with it; its members and recipients go at once, or
    /// with the next sweep.
    pub async fn delete_project(
        &self,
        project: &Project,
        rev: u64,
        at: Timestamp,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let slug = &project.slug;
        let dropped = Dropped {
            project: project.clone(),
            // Every change of members moves the revision this is conditioned on.
            members: self.members(slug).await?,
            recipients: self.recipients(slug).await?,
            at,
            cleared: false,
        };
        let mut writes = vec![
            Write::Delete(keys::project(slug), Expect::Rev(rev)),
            Write::Put(entry(&dropped, 1)?, Expect::Anything),
        ];
        writes.extend(also);
        self.table.transact(writes).await?;
        let (value, rev) = (dropped, 1);
        self.clear_project(Versioned { value, rev }).await
    }

    /// Removes what the project left. One of the same name may exist again; what is younger than
    /// the deletion is its own.
    async fn clear_project(&self, found: Versioned<Dropped>) -> Result<(), StoreError> {
        let mut dropped = found.value;
        let slug = dropped.project.slug.clone();
        for member in self.members(&slug).await? {
            if member.at <= dropped.at {
                self.table.transact(member.take().to_vec()).await?;
            }
        }
        for recipient in self.recipients(&slug).await? {
            if recipient.created_at <= dropped.at {
                self.remove_recipient(&slug, &recipient, vec![]).await?;
            }
        }
        dropped.cleared = true;
        let put = Write::Put(entry(&dropped, found.rev + 1)?, Expect::Rev(found.rev));
        match self.table.write(put).await {
            // Brought back, or deleted once more.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A deleted project that can be brought back.
    pub async fn dropped_project(
        &self,
        slug: &str,
    ) -> Result<Option<Versioned<Dropped>>, StoreError> {
        let item = self.table.get(&keys::dropped(slug)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Brings a project back with its members and recipients, and writes `also` with it;
    /// [`StoreError::ConditionAt`] when there is one of that name again, or somebody was faster.
    pub async fn revive_project(
        &self,
        found: Versioned<Dropped>,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let (mut dropped, mut rev) = (found.value, found.rev);
        if dropped.cleared {
            // Should this stop half way, the sweep takes the members away again.
            dropped.cleared = false;
            let put = Write::Put(entry(&dropped, rev + 1)?, Expect::Rev(rev));
            self.table.transact(vec![put]).await?;
            rev += 1;
        }
        for some in dropped.members.chunks(TOGETHER) {
            let mut writes = Vec::with_capacity(2 * some.len());
            for member in some {
                writes.extend(member.give()?);
            }
            self.table.transact(writes).await?;
        }
        let slug = &dropped.project.slug;
        for recipient in &dropped.recipients {
            match self.add_recipient(slug, recipient, vec![]).await {
                Ok(()) | Err(StoreError::ConditionAt(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut writes = vec![
            projects::project_write(&dropped.project, None)?,
            Write::Delete(keys::dropped(slug), Expect::Rev(rev)),
        ];
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// Goes on with deleted projects: what was left of them goes, and the entries of those that
    /// were deleted before `until`.
    pub async fn finish_dropped(
        &self,
        until: Timestamp,
        cull: &mut Cull,
    ) -> Result<(), StoreError> {
        for item in self.table.partition(keys::DROPPED).take(LISTED).await? {
            let found: Versioned<Dropped> = decode(&item)?;
            let at = found.value.at;
            if !found.value.cleared && !cull.dry {
                self.clear_project(found).await?;
            }
            if at <= until {
                cull.rows(self, "projects", &[item]).await?;
            }
            if cull.is_over() {
                return Ok(());
            }
        }
        Ok(())
    }
}
