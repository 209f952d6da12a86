//! Whom a notice concerns.

use domain::access::Role;
use domain::account::{User, UserId};
use domain::audience::Person;
use domain::batch::Batch;
use domain::channel::{Channel, ChannelOwner};
use domain::notice::Notice;
use domain::project::Recipient;
use std::collections::BTreeSet;
use store::grants::Target;
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
    ids.extend(store.batch_shares(&batch.id).await?.iter().map(|s| s.to));
    if let Some(owner) = batch.owner_id {
        let on = Target::Owner(owner, batch.project.clone());
        let shares = store.owner_shares(owner).await?;
        ids.extend(shares.iter().filter(|share| share.on == on).map(|s| s.to));
    }
    let mut watching = BTreeSet::new();
    let (mut recipients, mut channels) = (vec![], vec![]);
    // Whoever only uses a project's name has nothing to do with its members.
    if batch.enrolled {
        for member in store.members(&batch.project).await? {
            if member.role == Role::Viewer && !ids.contains(&member.to) {
                watching.insert(member.to);
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
    })
}
