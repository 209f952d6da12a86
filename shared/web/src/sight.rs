//! What one caller may do with batches, asked of the store as rarely as possible.

use domain::access::{self, Actor, Given, Right, Role};
use domain::batch::Batch;
use domain::project::Visibility;
use std::collections::HashMap;
use store::batch_lists::{ActiveBatch, BatchList};
use store::grants::Grants;
use store::{Store, StoreError};

/// Where batches are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everything the caller sees.
    #[default]
    All,
    /// The caller's own.
    Mine,
    /// What others share with the caller, by a project or directly.
    Shared,
    /// What everybody may read.
    Public,
}

/// The rights of one caller, for the length of one request or a little longer.
pub struct Sight {
    store: Store,
    who: Option<Actor>,
    grants: Grants,
    /// Projects known to be public, or not.
    public: HashMap<String, bool>,
}

/// The right of one caller to one batch.
pub async fn right_to(
    store: &Store,
    who: Option<Actor>,
    batch: &Batch,
) -> Result<Option<Right>, StoreError> {
    let given = match access::is_settled(who, batch) {
        true => Given::default(),
        false => store.given(who.map(|who| who.user_id), batch).await?,
    };
    Ok(access::right(who, batch, given))
}

impl Sight {
    /// Loads what the caller was given, for requests that look at many batches.
    pub async fn load(store: &Store, who: Option<Actor>) -> Result<Self, StoreError> {
        let grants = match who {
            Some(who) => store.grants(who.user_id).await?,
            None => Grants::default(),
        };
        Ok(Self {
            store: store.clone(),
            who,
            grants,
            public: HashMap::new(),
        })
    }

    /// Who looks.
    pub fn who(&self) -> Option<Actor> {
        self.who
    }

    /// The caller's role in a project.
    pub fn role_in(&self, project: &str) -> Option<Role> {
        self.grants.projects.get(project).copied()
    }

    /// Projects the caller is a member of, with their role.
    pub fn memberships(&self) -> &HashMap<String, Role> {
        &self.grants.projects
    }

    /// The caller's right to a batch; asks the store only whether its project is public.
    pub async fn right(&mut self, batch: &Batch) -> Result<Option<Right>, StoreError> {
        let given = self.grants.on(batch);
        let right = access::right(self.who, batch, given);
        if right.is_some() || !batch.enrolled || batch.deleted_at.is_some() {
            return Ok(right);
        }
        let public = self.is_public(&batch.project).await?;
        Ok(access::right(self.who, batch, Given { public, ..given }))
    }

    /// Whether the caller may read a batch.
    pub async fn sees(&mut self, batch: &Batch) -> Result<bool, StoreError> {
        Ok(self.right(batch).await?.is_some())
    }

    /// Whether the caller may read a batch, and it belongs to `scope`.
    pub async fn in_scope(&mut self, batch: &Batch, scope: Scope) -> Result<bool, StoreError> {
        let mine = batch.owner_id.is_some() && batch.owner_id == self.who.map(|who| who.user_id);
        let fits = match scope {
            Scope::All => true,
            Scope::Mine => mine,
            Scope::Shared => !mine && self.is_shared(batch),
            Scope::Public => batch.enrolled && self.is_public(&batch.project).await?,
        };
        Ok(fits && self.sees(batch).await?)
    }

    fn is_shared(&self, batch: &Batch) -> bool {
        let given = self.grants.on(batch);
        (given.member.is_some() && batch.enrolled) || given.share.is_some()
    }

    /// Whether an active batch can be one of those that are the caller's to follow. What is
    /// merely public is not among them.
    pub fn follows(&self, batch: &ActiveBatch) -> bool {
        let Some(who) = self.who else { return false };
        let member = || batch.enrolled && self.grants.projects.contains_key(&batch.project);
        let by_owner = || (batch.owner.unwrap_or_default(), batch.project.clone());
        who.is_admin
            || batch.owner == Some(who.user_id)
            || member()
            || self.grants.batches.contains_key(&batch.id)
            || self.grants.owners.contains_key(&by_owner())
    }

    /// Whether everybody may read what the members of a project report.
    pub async fn is_public(&mut self, project: &str) -> Result<bool, StoreError> {
        if let Some(known) = self.public.get(project) {
            return Ok(*known);
        }
        let found = self.store.project(project).await?;
        let public = found.is_some_and(|found| found.value.visibility == Visibility::Public);
        self.public.insert(project.to_owned(), public);
        Ok(public)
    }

    /// The lists that together hold every batch of `scope` the caller may read, of one project or
    /// of all, and others: whoever reads them asks [`Sight::sees`] of each batch.
    pub async fn lists(
        &mut self,
        project: Option<&str>,
        scope: Scope,
    ) -> Result<Vec<BatchList>, StoreError> {
        let wanted = |name: &str| project.is_none_or(|project| project == name);
        let admin = self.who.is_some_and(|who| who.is_admin);
        if scope == Scope::All && admin {
            let all = project.map_or(BatchList::All, |name| BatchList::In(name.to_owned()));
            return Ok(vec![all]);
        }
        if scope == Scope::Public {
            let projects = self.store.public_projects().await?;
            let names = projects.into_iter().map(|project| project.slug);
            let names = names.filter(|name| wanted(name));
            return Ok(names.map(BatchList::Enrolled).collect());
        }
        let mut lists = Vec::new();
        if scope != Scope::Shared {
            lists.extend(self.own(project));
        }
        if scope != Scope::Mine {
            let shared = self.shared(wanted);
            lists.extend(shared);
        }
        if let (Scope::All, Some(name)) = (scope, project) {
            let enrolled = BatchList::Enrolled(name.to_owned());
            if !lists.contains(&enrolled) && self.is_public(name).await? {
                lists.push(enrolled);
            }
        }
        Ok(lists)
    }

    fn own(&self, project: Option<&str>) -> Vec<BatchList> {
        let Some(who) = self.who else { return vec![] };
        match project {
            None => vec![BatchList::Of(who.user_id)],
            Some(name) => vec![BatchList::OwnIn(name.to_owned(), who.user_id)],
        }
    }

    fn shared(&self, wanted: impl Fn(&str) -> bool) -> Vec<BatchList> {
        let projects = self.grants.projects.keys();
        let projects = projects.filter(|project| wanted(project));
        let owners = self.grants.owners.keys();
        let owners = owners.filter(|(_, project)| wanted(project));
        let mut lists: Vec<BatchList> = projects
            .map(|project| BatchList::Enrolled(project.clone()))
            .chain(owners.map(|(owner, project)| BatchList::OwnIn(project.clone(), *owner)))
            .collect();
        if !self.grants.batches.is_empty() {
            let ids = self.grants.batches.keys().cloned().collect();
            lists.push(BatchList::These(ids));
        }
        lists
    }
}
