//! One file from where it stands to its end.

use crate::group::Group;
use crate::lines::{Broken, Lines, Source};
use api_ingest::{Intake, deliver};
use domain::access::Actor;
use domain::spill::{Progress, Spill, State};
use runtime::Services;
use store::spills::object_key;
use store::{StoreError, Versioned};
use tokio::time::Instant;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file is at its end, now or before.
    Done,
    /// It cannot be read on; its owner can see why.
    Failed,
    /// There is nothing to replay: no such ticket, or no upload yet.
    Nothing,
    /// Somebody else replays this file, or it was uploaded anew.
    Elsewhere,
    /// Time is up; the next call goes on.
    Unfinished,
}

/// Replays spill upload `id` through `intake` until `deadline`. At least one group is replayed,
/// so calls that are always cut short still get on.
pub async fn replay(
    services: &Services,
    intake: &Intake,
    id: u64,
    deadline: Option<Instant>,
) -> Result<Outcome, StoreError> {
    match go_on(services, intake, id, deadline).await {
        Err(StoreError::Conflict) => Ok(Outcome::Elsewhere),
        other => other,
    }
}

async fn go_on(
    services: &Services,
    intake: &Intake,
    id: u64,
    deadline: Option<Instant>,
) -> Result<Outcome, StoreError> {
    let store = &services.store;
    let Some(mut found) = store.spill(id).await? else {
        return Ok(Outcome::Nothing);
    };
    let key = object_key(&found.value);
    let Some(object) = store.blobs.head(&key).await? else {
        return Ok(match found.value.state {
            State::Done => Outcome::Done,
            State::Failed => Outcome::Failed,
            State::Waiting | State::Replaying => Outcome::Nothing,
        });
    };
    if found.value.progress.etag != object.etag {
        found.value.progress = Progress {
            etag: object.etag.clone(),
            ..Progress::default()
        };
        found.value.fault = None;
        found.value.finished_at = None;
    } else if found.value.state.is_final() {
        return end(services, found, None).await;
    }
    let Some(actor) = owner(services, &found.value).await? else {
        return end(services, found, Some("owner_gone")).await;
    };
    found.value.state = State::Replaying;
    let source = Source {
        blobs: &store.blobs,
        key: &key,
        etag: &object.etag,
        size: object.size,
    };
    let position = found.value.progress.bytes;
    let mut lines = match Lines::new(source, found.value.encoding, position) {
        Ok(lines) => lines,
        Err(broken) => return stop(services, found, broken).await,
    };
    loop {
        let mut group = Group::read(&mut lines, found.value.progress.lines).await;
        let now = services.clock.now();
        let posted = std::mem::take(&mut group.posted);
        let delivered = deliver(intake, services, actor, posted, now).await?;
        let ended = group.ended.take();
        group.conclude(delivered, &mut found.value.progress);
        match ended {
            Some(Ok(())) => return end(services, found, None).await,
            Some(Err(broken)) => return stop(services, found, broken).await,
            None => {}
        }
        save(services, &mut found).await?;
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(Outcome::Unfinished);
        }
    }
}

/// The reporter as somebody who acts now; `None` when the account is gone or closed.
async fn owner(services: &Services, spill: &Spill) -> Result<Option<Actor>, StoreError> {
    let user = services.store.user(spill.owner).await?.map(|u| u.value);
    Ok(user.filter(|user| user.is_active).map(|user| Actor {
        user_id: user.id,
        is_admin: user.is_admin,
        only: None,
    }))
}

async fn save(services: &Services, found: &mut Versioned<Spill>) -> Result<(), StoreError> {
    services.store.save_spill(found).await?;
    found.rev += 1;
    Ok(())
}

async fn stop(
    services: &Services,
    mut found: Versioned<Spill>,
    broken: Broken,
) -> Result<Outcome, StoreError> {
    match broken {
        Broken::Content(fault) => end(services, found, Some(fault)).await,
        Broken::Replaced => Ok(Outcome::Elsewhere),
        Broken::Store(error) => {
            // What was delivered counts; the next call goes on after it.
            save(services, &mut found).await?;
            Err(error)
        }
    }
}

/// Writes the end, then removes the object; should that fail, the next notice or start tries again.
async fn end(
    services: &Services,
    mut found: Versioned<Spill>,
    fault: Option<&'static str>,
) -> Result<Outcome, StoreError> {
    let spill = &mut found.value;
    if spill.finished_at.is_none() || !spill.state.is_final() {
        spill.finished_at = Some(services.clock.now());
        spill.fault = fault.map(str::to_owned);
        spill.state = match fault {
            None => State::Done,
            Some(_) => State::Failed,
        };
        save(services, &mut found).await?;
    }
    services
        .store
        .blobs
        .delete(&object_key(&found.value))
        .await?;
    Ok(match found.value.state {
        State::Failed => Outcome::Failed,
        _ => Outcome::Done,
    })
}
