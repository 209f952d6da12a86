//! Projects and their members.
//!
//! Every change of settings or members raises the project's revision, so that two people who
//! change the same project at once cannot, say, remove each other as its last owners.

use crate::Store;
use crate::error::StoreError;
use crate::grants::{Grant, Target};
use crate::item::{Item, Versioned, decode, encode, keys_of, s};
use crate::keys;
use crate::range::Range;
use crate::schema::{GSI1, GSI2};
use crate::table::{Expect, Write};
use domain::access::Role;
use domain::project::{Project, Visibility};

/// Projects of one list.
const LISTED: usize = 5_000;

/// Put of the settings alone; `rev` is the revision they were read at, `None` for new ones.
pub(crate) fn project_write(project: &Project, rev: Option<u64>) -> Result<Write, StoreError> {
    let key = keys::project(&project.slug);
    let mut item = encode(&key, rev.map_or(1, |rev| rev + 1), project)?;
    let name = s(keys::project_by_name(&project.slug));
    item.insert("gsi2pk".into(), s(keys::ALL_PROJECTS));
    item.insert("gsi2sk".into(), name.clone());
    if project.visibility == Visibility::Public {
        item.insert("gsi1pk".into(), s(keys::PUBLIC_PROJECTS));
        item.insert("gsi1sk".into(), name);
    }
    Ok(Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev)))
}

/// Writes that make a project with its first owner, for one transaction. The first expects that
/// there is none of that name.
pub fn create_writes(project: &Project) -> Result<Vec<Write>, StoreError> {
    let owner = Grant {
        on: Target::Project(project.slug.clone()),
        to: project.created_by,
        role: Role::Owner,
        by: project.created_by,
        at: project.created_at,
    };
    let mut writes = vec![project_write(project, None)?];
    writes.extend(owner.give()?);
    Ok(writes)
}

impl Store {
    /// A project.
    pub async fn project(&self, slug: &str) -> Result<Option<Versioned<Project>>, StoreError> {
        let item = self.table.get(&keys::project(slug)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// The projects of these names; absent ones are left out.
    pub async fn projects(&self, slugs: &[String]) -> Result<Vec<Project>, StoreError> {
        let keys: Vec<keys::Key> = slugs.iter().map(|slug| keys::project(slug)).collect();
        values(&self.table.get_many(&keys).await?)
    }

    /// All projects.
    pub async fn all_projects(&self) -> Result<Vec<Project>, StoreError> {
        self.listed(self.table.index(GSI2, keys::ALL_PROJECTS))
            .await
    }

    /// The public projects.
    pub async fn public_projects(&self) -> Result<Vec<Project>, StoreError> {
        let mut found = self
            .listed(self.table.index(GSI1, keys::PUBLIC_PROJECTS))
            .await?;
        // The index may lag behind.
        found.retain(|project| project.visibility == Visibility::Public);
        Ok(found)
    }

    async fn listed(&self, range: Range) -> Result<Vec<Project>, StoreError> {
        let entries = range.take(LISTED).await?;
        values(&self.table.get_many(&keys_of(&entries)?).await?)
    }

    /// Makes a project with its first owner, and `also` with it; [`StoreError::ConditionAt`] 0
    /// when there is one of that name.
    pub async fn create_project(
        &self,
        project: &Project,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let mut writes = create_writes(project)?;
        writes.extend(also);
        self.table.transact(writes).await
    }

    /// Saves changed settings, or only a new revision of the same, and `also` with it.
    pub async fn save_project(
        &self,
        project: &Project,
        rev: u64,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let mut writes = vec![project_write(project, Some(rev))?];
        writes.extend(also);
        self.table.transact(writes).await
    }
}

fn values(items: &[Item]) -> Result<Vec<Project>, StoreError> {
    let mut found: Vec<Project> = items
        .iter()
        .map(|item| decode(item).map(|v| v.value))
        .collect::<Result<_, _>>()?;
    found.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(found)
}
