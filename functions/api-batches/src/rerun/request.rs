//! `POST /api/batches/{id}/rerun`: makes a batch that repeats another, for an agent to launch.

use super::recorded::recorded;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::{Right, Role};
use domain::account::UserId;
use domain::agent::newest_on;
use domain::batch::{Batch, first_attempt};
use domain::command::{Command, CommandState, Order, Rerun};
use domain::host::UNKNOWN_HOST;
use domain::ids::uuid7;
use domain::limits::{COMMAND_TTL_SECS, COMMANDS_WAITING, NAME_CHARS, OVERRIDES_BYTES};
use domain::status::BatchStatus;
use domain::time::{ClientTime, Timestamp};
use domain::tracking::Tracked;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::batches::{active_write, batch_write, env_write, project_entry};
use store::commands::{CommandPlace, RerunNote, command_writes, rerun_writes};
use store::feed::FeedEvent;
use store::{StoreError, Versioned};
use utoipa::ToSchema;
use web::sight::right_to;
use web::{
    ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid, PathParams, Viewer, visible,
};
use wire::Code;

/// Rounds after lost races with other wishes.
const ROUNDS: usize = 8;

/// What shall differ.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RerunIn {
    /// Settings by dotted name; the agent appends them to the command as `name=value`.
    #[serde(default)]
    #[schema(value_type = Object)]
    overrides: Map<String, Value>,
    /// Name of the new batch; without, the old one's with "(rerun)".
    #[serde(default)]
    name: Option<String>,
}

/// The new batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct RerunOut {
    /// Its id.
    pub batch_id: String,
    /// The batch it repeats.
    pub source_batch_id: String,
    /// Its name.
    pub name: Option<String>,
    /// `requested`.
    pub status: &'static str,
    /// The agent that will probably launch it; none on that host yet: it waits for one.
    pub agent_id: Option<String>,
    /// An earlier wish was still waiting: this is its batch, and this wish changed nothing.
    pub deduped: bool,
    /// When it is given up if no agent takes it.
    pub expires_at: String,
}

/// Asks for a batch to be run again.
#[utoipa::path(post, path = "/api/batches/{batch_id}/rerun", tag = "agents", request_body = RerunIn,
    params(("batch_id" = String, Path)),
    responses((status = 201, body = RerunOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch"), (status = 409, description = "still at work, or too many wait"),
        (status = 422, description = "invalid body")))]
pub async fn rerun_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<RerunIn>,
) -> ApiResult<(StatusCode, Json<RerunOut>)> {
    let overrides = checked(&wish)?;
    for _ in 0..ROUNDS {
        let (source, runner) = allowed(&services, &caller, path.text(0)).await?;
        let newest = services.store.newest_rerun(&source.id).await?;
        let waiting = waiting(&services, newest.as_ref()).await?;
        let by = (&caller, &client);
        if let Some((note, command)) = waiting {
            let deed = deed(&source.id, &note.batch_id, &overrides).with("deduped", true);
            deed.note(&services, &caller, &client).await;
            let name = services.store.batch(&note.batch_id).await?;
            let name = name.and_then(|batch| batch.value.name);
            let out = out(&services, &source, name, &command, true).await?;
            return Ok((StatusCode::CREATED, Json(out)));
        }
        let rev = newest.map(|newest| newest.rev);
        let made = make(&services, by, &source, runner, (&wish, &overrides), rev).await?;
        if let Some((name, command)) = made {
            services.store.hub.commanded(runner);
            let out = out(&services, &source, name, &command, false).await?;
            return Ok((StatusCode::CREATED, Json(out)));
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

fn checked(wish: &RerunIn) -> ApiResult<String> {
    Invalid::check_chars("name", wish.name.as_deref(), NAME_CHARS)?;
    let json = Value::Object(wish.overrides.clone()).to_string();
    if json.len() > OVERRIDES_BYTES {
        let msg = format!("At most {OVERRIDES_BYTES} bytes of JSON");
        let loc = ["body", "overrides"];
        return Err(Invalid::at(&loc, "too_long", msg, json!(json.len())).into());
    }
    Ok(json)
}

/// The batch, if the caller may repeat it, and whose agents then launch it: the caller's, or its
/// owner's where the project lets editors ask for that.
async fn allowed(services: &Services, caller: &Caller, id: &str) -> ApiResult<(Batch, UserId)> {
    let found = visible::with_right(services, caller, id, Right::Edit).await?;
    let batch = found.value;
    if !matches!(
        batch.status,
        BatchStatus::Done | BatchStatus::Failed | BatchStatus::Cancelled | BatchStatus::Stopped
    ) {
        return Err(ApiError::with(Code::RerunActive, [batch.status.as_str()]));
    }
    let right = right_to(&services.store, caller.viewer(), &batch).await?;
    if right >= Some(Right::Own) && batch.owner_id != Some(caller.user().id) {
        // An administrator's own agents: nobody's machine runs what its user did not ask for.
        return Ok((batch, caller.user().id));
    }
    match batch.owner_id {
        Some(owner) if right >= Some(Right::Own) => Ok((batch, owner)),
        Some(owner) if lets_editors(services, &batch).await? => Ok((batch, owner)),
        _ => Err(ApiError::new(Code::OwnerRequired)),
    }
}

async fn lets_editors(services: &Services, batch: &Batch) -> Result<bool, StoreError> {
    let project = services.store.project(&batch.project).await?;
    Ok(batch.enrolled && project.is_some_and(|project| project.value.editors_may_rerun))
}

/// An earlier wish nobody has taken up yet.
async fn waiting(
    services: &Services,
    newest: Option<&Versioned<RerunNote>>,
) -> Result<Option<(RerunNote, Command)>, StoreError> {
    let Some(note) = newest.map(|newest| &newest.value) else {
        return Ok(None);
    };
    let command = services.store.command(&note.command).await?;
    let now = services.clock.now();
    let command = command.map(|command| command.value);
    let command = command.filter(|command| command.state_at(now) == CommandState::Pending);
    Ok(command.map(|command| (note.clone(), command)))
}

fn deed(source: &str, batch: &str, overrides: &str) -> Deed {
    Deed::new("batch_rerun_requested", "batch", batch)
        .with("source_batch_id", source)
        .with(
            "overrides",
            overrides.chars().take(1000).collect::<String>(),
        )
}

/// Stores the new batch with its command; `None` when another wish was faster.
async fn make(
    services: &Services,
    (caller, client): (&Caller, &ClientInfo),
    source: &Batch,
    runner: UserId,
    (wish, overrides): (&RerunIn, &str),
    newest: Option<u64>,
) -> ApiResult<Option<(Option<String>, Command)>> {
    let (store, now) = (&services.store, services.clock.now());
    let host = source
        .host
        .clone()
        .unwrap_or_else(|| UNKNOWN_HOST.to_owned());
    if store.open_commands(runner, &host).await?.len() >= COMMANDS_WAITING {
        let params = [COMMANDS_WAITING.to_string(), host];
        return Err(ApiError::with(Code::RerunsWaiting, params));
    }
    let batch = child(services, caller, source, wish, now).await?;
    let order = Rerun {
        overrides_json: overrides.to_owned(),
        requested_by: caller.user().username.clone(),
        owner: caller.user().id,
        name: batch.name.clone(),
        ..recorded(store, source).await?
    };
    let note = note_of(&order, &batch, (runner, &host), now);
    let command = command_of(&note, order, now);
    let mut writes = rerun_writes(&note, newest)?.to_vec();
    writes.extend(command_writes(&command, None, now)?);
    writes.extend([
        batch_write(&batch, None)?,
        active_write(&batch),
        project_entry(&batch),
    ]);
    if let Some((env, by)) = store.env_snapshot_by(&source.id).await? {
        writes.extend(by.map(|by| env_write(&batch.id, &env, by)));
    }
    let deed = deed(&source.id, &batch.id, overrides);
    writes.push(deed.row(services, caller, client)?);
    let data = json!({"source_batch_id": source.id, "overrides": wish.overrides,
        "requested_by": note.requested_by, "requested_at": now.to_text()});
    let event_id = format!("srv-{:016x}", entropy::number());
    let event = FeedEvent::of_server("rerun_requested", &event_id, &batch, now, &data)?;
    let _told = store.append_feed(&batch.id, vec![event], None, now).await?;
    match store.table.transact(writes).await {
        Ok(()) => Ok(Some((batch.name, command))),
        Err(StoreError::ConditionAt(_) | StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn note_of(
    order: &Rerun,
    batch: &Batch,
    (runner, host): (UserId, &str),
    now: Timestamp,
) -> RerunNote {
    RerunNote {
        source_batch_id: order.source_batch_id.clone(),
        batch_id: batch.id.clone(),
        overrides_json: order.overrides_json.clone(),
        requested_at: now,
        requested_by: order.requested_by.clone(),
        command: CommandPlace {
            runner,
            host: host.to_owned(),
            id: uuid7(now, [entropy::number(), entropy::number()]),
        },
    }
}

fn command_of(note: &RerunNote, order: Rerun, now: Timestamp) -> Command {
    Command {
        id: note.command.id.clone(),
        order: Order::Rerun(order),
        batch_id: note.batch_id.clone(),
        runner: note.command.runner,
        host: note.command.host.clone(),
        agent: None,
        leased_until: None,
        state: CommandState::Pending,
        created_at: now,
        expires_at: now.plus_secs(COMMAND_TTL_SECS),
        acked_at: None,
        pid: None,
        reason: None,
        error: None,
        exit: None,
    }
}

/// The new batch: the caller's, with what was planned and recorded of the old one.
async fn child(
    services: &Services,
    caller: &Caller,
    source: &Batch,
    wish: &RerunIn,
    now: Timestamp,
) -> ApiResult<Batch> {
    let owner = caller.user().id;
    let role = services.store.role_in(&source.project, owner).await?;
    let given = wish
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let old = source.name.as_ref().unwrap_or(&source.id);
    let name = given.map_or_else(|| format!("{old} (rerun)"), str::to_owned);
    let id: [u8; 6] = entropy::bytes();
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Batch {
        id: format!("rerun-{id}"),
        owner_id: Some(owner),
        name: Some(name.chars().take(NAME_CHARS).collect()),
        notes: None,
        enrolled: role >= Some(Role::Editor),
        n_done: 0,
        n_failed: 0,
        status: BatchStatus::Requested,
        start_time: ClientTime::server(now),
        end_time: None,
        error: None,
        source_batch_id: Some(source.id.clone()),
        attempt: first_attempt(),
        launch: 0,
        stop: None,
        last_event_at: now,
        created_at: now,
        tracked: Tracked::default(),
        ..source.clone()
    })
}

async fn out(
    services: &Services,
    source: &Batch,
    name: Option<String>,
    command: &Command,
    deduped: bool,
) -> ApiResult<RerunOut> {
    let agents = services.store.agents(command.runner).await?;
    Ok(RerunOut {
        batch_id: command.batch_id.clone(),
        source_batch_id: source.id.clone(),
        name,
        status: BatchStatus::Requested.as_str(),
        agent_id: newest_on(&agents, &command.host).map(|agent| agent.id.clone()),
        deduped,
        expires_at: command.expires_at.to_text(),
    })
}
