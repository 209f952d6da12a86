//! Whom a notice concerns.

use domain::access::Role;
use domain::account::{User, UserId};
use domain::audience::Person;
use domain::batch::Batch;
use domain::channel::{Channel, ChannelOwner};
use domain::notice::Notice;
use domain::project::Recipient;
use std::collections::BTreeSet;
use store::grants::{Grant, Target};
use store::{Store, StoreError};

/// Those a notice concerns; who of them is told, and how, is for their wishes to say.
#[derive(Default)]
pub(crate) struct Concerned {
    /// People, the owner first.
    pub people: Vec<(User, Person)>,
    /// Recipients of the project.
    pub recipients: Vec<Recipient>,
    /// Channels of the project.
    pub channels: Vec<Channel>,
    /// Who of the people may change the batch.
    pub editors: BTreeSet<UserId>,
}

/// Whom `notice` concerns: `only` one person, or everybody who takes part in its batch.
pub(crate) async fn by(
    store: &Store,
    notice: &Notice,
    only: Option<UserId>,
) -> Result<Concerned, StoreError> {
    if let Some(user) = only {
        let people = store.persons(&[user], None).await?;
        return Ok(Concerned {
            people,
            ..Concerned::default()
        });
    }
    let Some(id) = &notice.batch_id else {
        return Ok(Concerned::default());
    };
    let batch = store.batch(id).await?.map(|found| found.value);
    match batch.filter(|batch| batch.deleted_at.is_none()) {
        Some(batch) => of_batch(store, notice, &batch).await,
        None => Ok(Concerned::default()),
    }
}

async fn of_batch(store: &Store, notice: &Notice, batch: &Batch) -> Result<Concerned, StoreError> {
    let mut ids: Vec<UserId> = batch.owner_id.into_iter().collect();
    let mut editors: BTreeSet<UserId> = ids.iter().copied().collect();
    let edits = |grant: &&Grant| grant.role >= Role::Editor;
    let shares = store.batch_shares(&batch.id).await?;
    editors.extend(shares.iter().filter(edits).map(|share| share.to));
    ids.extend(shares.iter().map(|share| share.to));
    if let Some(owner) = batch.owner_id {
        let on = Target::Owner(owner, batch.project.clone());
        let shares = store.owner_shares(owner).await?;
        let shares = || shares.iter().filter(|share| share.on == on);
        editors.extend(shares().filter(edits).map(|share| share.to));
        ids.extend(shares().map(|share| share.to));
    }
    let mut watching = BTreeSet::new();
    let (mut recipients, mut channels) = (vec![], vec![]);
    // Whoever only uses a project's name has nothing to do with its members.
    if batch.enrolled {
        for member in store.members(&batch.project).await? {
            if member.role == Role::Viewer && !ids.contains(&member.to) {
                watching.insert(member.to);
            }
            if edits(&&member) {
                editors.insert(member.to);
            }
            ids.push(member.to);
        }
        recipients = store.recipients(&batch.project).await?;
        let project = ChannelOwner::Project(batch.project.clone());
        channels = store.channels(&project).await?;
    }
    let mut people = store.persons(&ids, Some(&batch.id)).await?;
    people.retain(|(_, person)| {
        let watches = watching.contains(&person.user);
        !watches || person.wishes.follows(notice.kind, &batch.project)
    });
    Ok(Concerned {
        people,
        recipients,
        channels,
        editors,
    })
}
