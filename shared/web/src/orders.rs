//! Stop commands for agents: whoever asked a batch to stop, its agent hears of it.

use domain::agent::newest_on;
use domain::batch::Batch;
use domain::command::{Command, CommandState, Order};
use domain::ids::{event_fingerprint, uuid7};
use domain::limits::COMMAND_TTL_SECS;
use domain::status::BatchStatus;
use domain::time::Timestamp;
use runtime::Services;
use store::commands::{CommandPlace, command_writes};
use store::{Store, StoreError};

/// After a batch was asked to stop: withdraws a rerun nobody has taken yet, else tells the agent
/// that launched it, else the newest of its owner's agents on its host. Doing it again changes
/// nothing more.
pub async fn after_stop(services: &Services, batch: &Batch) -> Result<(), StoreError> {
    let (store, now) = (&services.store, services.clock.now());
    if batch.status != BatchStatus::Stopping {
        return Ok(());
    }
    if let Some(note) = store.rerun_note(&batch.id).await? {
        let Some(mut found) = store.command(&note.command).await? else {
            return Ok(());
        };
        let command = &mut found.value;
        if command.state == CommandState::Pending {
            command.state = CommandState::Cancelled;
            return match store.save_command(command, found.rev, now).await {
                // An agent takes it at this moment: its next poll shows the stop.
                Err(StoreError::ConditionAt(_)) => Ok(()),
                other => other,
            };
        }
        let agent = command.agent.clone().filter(|_| command.state.is_alive());
        return match agent {
            Some(agent) => tell(store, batch, &note.command, agent, true, now).await,
            None => Ok(()),
        };
    }
    let (Some(owner), Some(host)) = (batch.owner_id, &batch.host) else {
        return Ok(());
    };
    let agents = store.agents(owner).await?;
    let Some(agent) = newest_on(&agents, host) else {
        return Ok(());
    };
    let place = CommandPlace {
        runner: owner,
        host: host.clone(),
        id: String::new(),
    };
    tell(store, batch, &place, agent.id.clone(), false, now).await
}

/// Who asked, and when. Whoever deletes a run wants it to end as well.
fn wish(batch: &Batch, now: Timestamp) -> (String, Timestamp) {
    match &batch.stop {
        Some(stop) => (stop.by.clone(), stop.at),
        None => ("deletion".to_owned(), batch.deleted_at.unwrap_or(now)),
    }
}

/// Where the stop of `batch` lies that goes to the queue of `at`: one per wish.
pub fn stop_place(batch: &Batch, at: &CommandPlace, now: Timestamp) -> CommandPlace {
    let (_, since) = wish(batch, now);
    let random = [event_fingerprint(&batch.id), since.0.unsigned_abs()];
    CommandPlace {
        id: uuid7(since, random),
        ..at.clone()
    }
}

/// Puts the stop of `batch` into the queue `at`, once per request to stop. `launched`: the command
/// of that place launched it.
pub async fn tell(
    store: &Store,
    batch: &Batch,
    at: &CommandPlace,
    agent: String,
    launched: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let place = stop_place(batch, at, now);
    if store.command(&place).await?.is_some() {
        return Ok(());
    }
    let (by, since) = wish(batch, now);
    let command = Command {
        id: place.id,
        order: Order::Stop {
            requested_by: by,
            rerun_cmd_id: launched.then(|| at.id.clone()),
        },
        batch_id: batch.id.clone(),
        runner: place.runner,
        host: place.host,
        agent: Some(agent),
        leased_until: None,
        state: CommandState::Pending,
        created_at: since,
        expires_at: now.plus_secs(COMMAND_TTL_SECS),
        acked_at: None,
        pid: None,
        reason: None,
        error: None,
        exit: None,
    };
    match store
        .table
        .transact(command_writes(&command, None, now)?)
        .await
    {
        Ok(()) | Err(StoreError::ConditionAt(_)) => {}
        Err(error) => return Err(error),
    }
    store.hub.commanded(command.runner);
    Ok(())
}
