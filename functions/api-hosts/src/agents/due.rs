//! Which commands an agent gets to see. Reading puts right what meanwhile became untrue, so that
//! whatever stopped, deleted or outlived a run, its agent hears of it.

use super::run::settled;
use domain::agent::Agent;
use domain::batch::Batch;
use domain::command::{Command, CommandState, Offer, Order};
use domain::status::BatchStatus;
use domain::time::Timestamp;
use runtime::Services;
use std::collections::{BTreeSet, HashMap};
use store::commands::CommandPlace;
use store::{Store, StoreError, Versioned};
use web::orders;

/// What an agent has to do.
pub struct Due {
    /// Commands it may take, oldest first.
    pub commands: Vec<Command>,
    /// It holds runs somebody may want to stop.
    pub holds_runs: bool,
}

/// The commands for `agent` now.
pub async fn due(services: &Services, agent: &Agent) -> Result<Due, StoreError> {
    let (store, now) = (&services.store, services.clock.now());
    let host = &agent.place.hostname;
    let open = store.open_commands(agent.user_id, host).await?;
    let ids: BTreeSet<String> = open
        .iter()
        .map(|found| found.value.batch_id.clone())
        .collect();
    let batches = match ids.is_empty() {
        true => HashMap::new(),
        false => store.batches(&Vec::from_iter(ids)).await?,
    };
    let mut due = Due {
        commands: vec![],
        holds_runs: false,
    };
    let mut stops = vec![];
    for found in open {
        let batch = batches.get(&found.value.batch_id);
        if found.value.state == CommandState::Started {
            if found.value.agent.as_ref() == Some(&agent.id) {
                due.holds_runs = true;
                stops.extend(batch.filter(|batch| is_stopping(batch)).map(|b| (found, b)));
            }
            continue;
        }
        due.commands
            .extend(offered(store, agent, found, batch, now).await?);
    }
    for (rerun, batch) in stops {
        let stop = stop_of(store, agent, &rerun.value, batch, now).await?;
        due.commands.extend(stop.filter(|stop| {
            let mut known = due.commands.iter();
            !known.any(|command| command.id == stop.id)
        }));
    }
    due.commands.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(due)
}

fn is_stopping(batch: &Batch) -> bool {
    batch.status == BatchStatus::Stopping || batch.deleted_at.is_some()
}

/// A pending command, if the agent may have it.
async fn offered(
    store: &Store,
    agent: &Agent,
    found: Versioned<Command>,
    batch: Option<&Batch>,
    now: Timestamp,
) -> Result<Option<Command>, StoreError> {
    let Versioned {
        value: mut command,
        rev,
    } = found;
    let is_rerun = matches!(command.order, Order::Rerun(_));
    let waits =
        |batch: &Batch| batch.status == BatchStatus::Requested && batch.deleted_at.is_none();
    let over = match command.state_at(now) {
        CommandState::Pending if is_rerun && !batch.is_some_and(waits) => {
            Some(CommandState::Cancelled)
        }
        CommandState::Pending => None,
        other => Some(other),
    };
    if let Some(state) = over {
        command.state = state;
        return settled(store.save_command(&command, rev, now).await).map(|_| None);
    }
    match command.offer(agent, now) {
        Offer::No => Ok(None),
        Offer::Held => Ok(Some(command)),
        Offer::Lease => {
            command.lease(agent, now);
            let is_mine = settled(store.save_command(&command, rev, now).await)?;
            Ok(is_mine.then_some(command))
        }
    }
}

/// The stop of a run the agent launched, if it has not answered it yet.
async fn stop_of(
    store: &Store,
    agent: &Agent,
    rerun: &Command,
    batch: &Batch,
    now: Timestamp,
) -> Result<Option<Command>, StoreError> {
    let at = CommandPlace {
        runner: rerun.runner,
        host: rerun.host.clone(),
        id: rerun.id.clone(),
    };
    let place = orders::stop_place(batch, &at, now);
    if store.command(&place).await?.is_none() {
        orders::tell(store, batch, &at, agent.id.clone(), true, now).await?;
    }
    let found = store.command(&place).await?.map(|found| found.value);
    Ok(found.filter(|stop| stop.state_at(now) == CommandState::Pending))
}
