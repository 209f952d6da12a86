//! `POST /api/agents/{id}/jobs/{cmd}/ack`: an agent took a command, or did not.

use super::held::held;
use super::run::{self, Said};
use auth::run_token::RunToken;
use axum::Json;
use axum::extract::State;
use domain::agent::Agent;
use domain::batch::Batch;
use domain::command::{Command, CommandState, Order};
use domain::limits::{REASON_CHARS, RUN_TOKEN_SECS};
use domain::status::BatchStatus;
use domain::time::Timestamp;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Versioned;
use utoipa::ToSchema;
use web::{AgentCaller, ApiError, ApiResult, Body, Invalid, PathParams};
use wire::Code;

/// Rounds after lost races with the run's own reports.
const ROUNDS: usize = 8;

/// What became of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AckIn {
    /// `started` or `failed`.
    status: String,
    /// Process id, a label for people.
    #[serde(default)]
    pid: Option<Pid>,
    /// Why not, in words.
    #[serde(default)]
    error: Option<String>,
    /// Why not, as a stable word.
    #[serde(default)]
    reason: Option<String>,
}

/// A process id; some agents send it as text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum Pid {
    Number(i64),
    Text(String),
}

impl Pid {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(pid) => Some(*pid),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// State of the command.
#[derive(Debug, Serialize, ToSchema)]
pub struct AckOut {
    /// Command.
    pub cmd_id: String,
    /// `started` or `failed`.
    pub status: &'static str,
    /// With which the run reports; it reaches no other batch.
    pub reporter_token: Option<String>,
}

/// Takes an agent's answer to a command. Repeating the same answer is fine.
#[utoipa::path(post, path = "/api/agents/{agent_id}/jobs/{cmd_id}/ack", tag = "agents", request_body = AckIn,
    params(("agent_id" = String, Path), ("cmd_id" = String, Path)),
    responses((status = 200, body = AckOut), (status = 400, description = "neither started nor failed"),
        (status = 404, description = "no such command of this agent"), (status = 409, description = "settled otherwise")))]
pub async fn ack_command(
    State(services): State<Services>,
    caller: AgentCaller,
    path: PathParams,
    Body(ack): Body<AckIn>,
) -> ApiResult<Json<AckOut>> {
    for field in [("error", &ack.error), ("reason", &ack.reason)] {
        Invalid::check_chars(field.0, field.1.as_deref(), REASON_CHARS)?;
    }
    let agent = caller.agent();
    for _ in 0..ROUNDS {
        let found = held(&services.store, agent, path.text(1)).await?;
        let now = services.clock.now();
        let state = found.value.state_at(now);
        if state != CommandState::Pending {
            return repeated(&services, agent, &found.value, state, &ack).map(Json);
        }
        let status = match ack.status.as_str() {
            "started" => CommandState::Started,
            "failed" => CommandState::Failed,
            _ => return Err(ApiError::new(Code::AckInvalid)),
        };
        let mut command = taken(found.value, agent, &ack, now);
        command.state = match (&command.order, status) {
            (Order::Stop { .. }, CommandState::Started) => CommandState::Done,
            (_, status) => status,
        };
        let batch = services.store.batch(&command.batch_id).await?;
        if store_ack(&services, (&mut command, found.rev), batch, now).await? {
            return match command.state {
                CommandState::Cancelled => Err(ApiError::new(Code::CommandCancelled)),
                _ => Ok(Json(out(&services, agent, &command))),
            };
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

fn taken(command: Command, agent: &Agent, ack: &AckIn, now: Timestamp) -> Command {
    Command {
        agent: Some(agent.id.clone()),
        leased_until: None,
        acked_at: Some(now),
        pid: ack.pid.as_ref().and_then(Pid::number),
        error: ack.error.clone(),
        reason: ack.reason.clone(),
        ..command
    }
}

/// The answer to an answer that was given before: the same again is fine, also for a run that has
/// ended meanwhile.
fn repeated(
    services: &Services,
    agent: &Agent,
    command: &Command,
    state: CommandState,
    ack: &AckIn,
) -> ApiResult<AckOut> {
    match (state, ack.status.as_str()) {
        (CommandState::Cancelled, "started") => Err(ApiError::new(Code::CommandCancelled)),
        (CommandState::Started | CommandState::Done, "started")
        | (CommandState::Failed, "failed") => Ok(out(services, agent, command)),
        (state, _) => Err(ApiError::with(Code::CommandSettled, [state.as_str()])),
    }
}

/// The token of a rerun's script. Its batch's owner is who the rerun was made for.
fn token(services: &Services, agent: &Agent, command: &Command) -> Option<String> {
    let Order::Rerun(rerun) = &command.order else {
        return None;
    };
    let now = services.clock.now();
    Some(services.credentials.run_token(&RunToken {
        user: rerun.owner,
        batch: command.batch_id.clone(),
        agent: (agent.user_id, agent.id.clone()),
        until: now.plus_secs(RUN_TOKEN_SECS),
    }))
}

/// Stores the answer with what it does to the batch; false after a lost race.
async fn store_ack(
    services: &Services,
    (command, rev): (&mut Command, u64),
    batch: Option<Versioned<Batch>>,
    now: Timestamp,
) -> ApiResult<bool> {
    let Some(before) = batch else {
        return run::save(services, (command, rev), None, now).await;
    };
    if matches!(command.order, Order::Stop { .. }) {
        let after = signalled(&before.value, command, now);
        let data = json!({"agent_id": command.agent});
        let batch = after
            .as_ref()
            .map(|after| (&before, after, ("stop_signalled", data)));
        return run::save(services, (command, rev), batch, now).await;
    }
    let mut after = before.value.clone();
    let is_wanted = after.status == BatchStatus::Requested && after.deleted_at.is_none();
    let said: Said = match command.state {
        // The script may have reported before its agent did.
        CommandState::Started if after.status == BatchStatus::Running => {
            return run::save(services, (command, rev), None, now).await;
        }
        CommandState::Started if !is_wanted => {
            command.state = CommandState::Cancelled;
            return run::save(services, (command, rev), None, now).await;
        }
        CommandState::Started => {
            after.status = after.status.after_activity();
            after.last_event_at = now;
            (
                "rerun_started",
                json!({"agent_id": command.agent, "pid": command.pid}),
            )
        }
        _ if !is_wanted => return run::save(services, (command, rev), None, now).await,
        _ => {
            let why = command.error.clone().or_else(|| command.reason.clone());
            let error = format!(
                "agent refused: {}",
                why.as_deref().unwrap_or("no reason given")
            );
            let data = json!({"error": error, "reason": command.reason});
            run::end(&mut after, BatchStatus::Failed, Some(error), now);
            ("batch_failed", data)
        }
    };
    run::save(services, (command, rev), Some((&before, &after, said)), now).await
}

/// The batch once its agent tells the run to end; `None`: that changes nothing in it.
fn signalled(batch: &Batch, command: &Command, now: Timestamp) -> Option<Batch> {
    let is_told = command.state == CommandState::Done && batch.status == BatchStatus::Stopping;
    let mut after = batch.clone();
    let stop = after.stop.as_mut().filter(|_| is_told)?;
    stop.signalled_at = Some(now);
    Some(after)
}

fn out(services: &Services, agent: &Agent, command: &Command) -> AckOut {
    let started = command.state == CommandState::Started;
    AckOut {
        cmd_id: command.id.clone(),
        status: command.state.as_str(),
        reporter_token: started.then(|| token(services, agent, command)).flatten(),
    }
}
