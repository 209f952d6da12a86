//! What others gave a user: membership of projects, shares of batches.
//!
//! The truth lies below the account of whoever was given something, so one read tells what they
//! see. Beside each lies a row for whoever gave it; both change in one transaction.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, decode, encode};
use crate::keys::{self, Key};
use crate::table::{Expect, Write};
use domain::access::{Given, Role};
use domain::account::UserId;
use domain::batch::Batch;
use domain::limits::GRANTS;
use domain::project::{Project, Visibility};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a grant is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A project, as a member.
    Project(String),
    /// One batch.
    Batch(String),
    /// All batches of an owner that use a project's name.
    Owner(UserId, String),
}

/// Something a user was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// On what.
    pub on: Target,
    /// To whom.
    pub to: UserId,
    /// As what.
    pub role: Role,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Grant {
    /// The row below the account of whoever has it.
    fn held(&self) -> Key {
        match &self.on {
            Target::Project(project) => keys::membership(self.to, project),
            Target::Batch(batch) => keys::granted_batch(self.to, batch),
            Target::Owner(owner, project) => keys::granted_owner(self.to, *owner, project),
        }
    }

    /// The row beside what it is on.
    fn listed(&self) -> Key {
        match &self.on {
            Target::Project(project) => keys::member(project, self.to),
            Target::Batch(batch) => keys::batch_share(batch, self.to),
            Target::Owner(owner, project) => keys::owner_share(*owner, project, self.to),
        }
    }

    /// Writes that give it, for one transaction; they replace an older one on the same.
    pub fn give(&self) -> Result<[Write; 2], StoreError> {
        let put = |key| Ok(Write::Put(encode(&key, 1, self)?, Expect::Anything));
        Ok([put(self.held())?, put(self.listed())?])
    }

    /// Both rows of it.
    pub(crate) fn keys(&self) -> [Key; 2] {
        [self.held(), self.listed()]
    }

    /// Writes that take it away, for one transaction.
    pub fn take(&self) -> [Write; 2] {
        self.keys().map(|key| Write::Delete(key, Expect::Anything))
    }
}

/// Everything a user was given.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Memberships.
    pub projects: HashMap<String, Role>,
    /// Shared batches.
    pub batches: HashMap<String, Role>,
    /// Shared batches of owners, by owner and project.
    pub owners: HashMap<(UserId, String), Role>,
}

impl Grants {
    /// What bears on `batch`; whether its project is public is for others to know.
    pub fn on(&self, batch: &Batch) -> Given {
        let owner = batch.owner_id.unwrap_or_default();
        let by_owner = self.owners.get(&(owner, batch.project.clone()));
        Given {
            member: self.projects.get(&batch.project).copied(),
            share: self.batches.get(&batch.id).max(by_owner).copied(),
            public: false,
        }
    }
}

fn read(items: &[Item]) -> Result<Vec<Grant>, StoreError> {
    items
        .iter()
        .map(|item| decode(item).map(|v| v.value))
        .collect()
}

impl Store {
    /// What `user` was given.
    pub async fn grants(&self, user: UserId) -> Result<Grants, StoreError> {
        let range = self.table.partition(&keys::user_partition(user));
        let items = range.prefix(keys::GRANT_PREFIX).take(GRANTS).await?;
        let mut grants = Grants::default();
        for grant in read(&items)? {
            match grant.on {
                Target::Project(project) => grants.projects.insert(project, grant.role),
                Target::Batch(batch) => grants.batches.insert(batch, grant.role),
                Target::Owner(owner, project) => grants.owners.insert((owner, project), grant.role),
            };
        }
        Ok(grants)
    }

    /// What bears on one batch: of what `user` was given, and whether its project is public.
    pub async fn given(&self, user: Option<UserId>, batch: &Batch) -> Result<Given, StoreError> {
        let project = keys::project(&batch.project);
        let mut wanted = vec![project.clone()];
        if let Some(user) = user {
            wanted.push(keys::membership(user, &batch.project));
            wanted.push(keys::granted_batch(user, &batch.id));
            if let Some(owner) = batch.owner_id {
                wanted.push(keys::granted_owner(user, owner, &batch.project));
            }
        }
        let mut given = Given::default();
        for item in self.table.get_many(&wanted).await? {
            if crate::item::text(&item, "pk")? == project.pk {
                let project: Project = decode(&item)?.value;
                given.public = project.visibility == Visibility::Public;
                continue;
            }
            let grant: Grant = decode(&item)?.value;
            match grant.on {
                Target::Project(_) => given.member = Some(grant.role),
                Target::Batch(_) | Target::Owner(..) => {
                    given.share = given.share.max(Some(grant.role));
                }
            }
        }
        Ok(given)
    }

    /// The role of `user` in a project.
    pub async fn role_in(&self, project: &str, user: UserId) -> Result<Option<Role>, StoreError> {
        let item = self.table.get(&keys::membership(user, project)).await?;
        let grant: Option<Grant> = item
            .map(|item| decode(&item).map(|v| v.value))
            .transpose()?;
        Ok(grant.map(|grant| grant.role))
    }

    /// Members of a project, by user id.
    pub async fn members(&self, project: &str) -> Result<Vec<Grant>, StoreError> {
        let range = self.table.partition(&keys::project_partition(project));
        read(&range.prefix(keys::MEMBER_PREFIX).all().await?)
    }

    /// Whom a batch is shared with, by user id.
    pub async fn batch_shares(&self, batch: &str) -> Result<Vec<Grant>, StoreError> {
        let range = self.table.partition(&keys::batch_partition(batch));
        read(&range.prefix(keys::SHARE_PREFIX).take(GRANTS).await?)
    }

    /// Whom `owner` shares batches of whole projects with.
    pub async fn owner_shares(&self, owner: UserId) -> Result<Vec<Grant>, StoreError> {
        let range = self.table.partition(&keys::user_partition(owner));
        read(&range.prefix(keys::OWNER_SHARE_PREFIX).take(GRANTS).await?)
    }
}
