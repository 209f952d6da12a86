//! `GET /api/batches/{id}/rerun-info`: where a rerun came from and stands, and what running the
//! batch again would do.

use super::recorded::recorded;
use axum::Json;
use axum::extract::State;
use domain::agent::{Agent, newest_on};
use domain::command::{Command, Rerun};
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;
use web::{ApiResult, Caller, PathParams, Sight, Viewer, visible};

/// Generations of ancestors that are followed.
const GENERATIONS: usize = 20;

/// The agent that would launch it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RerunAgentOut {
    /// Id.
    pub agent_id: String,
    /// Its host.
    pub hostname: String,
    /// Heard of lately.
    pub online: bool,
}

/// The command that launches or launched it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RerunCommandOut {
    /// Id.
    pub id: String,
    /// `pending`, `started`, `failed`, `cancelled`, `expired` or `exited`.
    pub status: &'static str,
    /// The agent that has it.
    pub agent_id: Option<String>,
    /// Stable word for why the agent refused.
    pub reason: Option<String>,
    /// The same in its words.
    pub error: Option<String>,
    /// Nobody takes it after that.
    pub expires_at: String,
    /// When the agent answered.
    pub acked_at: Option<String>,
    /// Process id on its host.
    pub pid: Option<i64>,
    /// How it ended.
    pub exit: Option<ExitOut>,
}

/// How a run ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExitOut {
    /// Exit code.
    pub code: Option<i64>,
    /// Signal.
    pub signal: Option<i64>,
    /// `exited`, `signaled`, `oom`, `lost` or `unknown`.
    pub reason: String,
    /// Its last lines.
    pub last_lines: Vec<String>,
}

/// What was recorded, and a rerun runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedOut {
    /// Command line.
    pub command: Option<String>,
    /// Command line as arguments.
    pub argv: Option<Vec<String>>,
    /// Working directory.
    pub cwd: Option<String>,
    /// Names of recorded variables.
    pub env_names: Vec<String>,
    /// Commit.
    pub commit: Option<String>,
    /// Files differed from it.
    pub dirty: bool,
}

/// Another batch of the family.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelativeOut {
    /// Id.
    pub batch_id: String,
    /// Name.
    pub name: Option<String>,
    /// Status word.
    pub status: String,
    /// When it was made.
    pub created_at: String,
}

/// Everything about reruns of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct RerunInfoOut {
    /// Batch it repeats; null for ordinary batches, like the next three.
    pub source_batch_id: Option<String>,
    /// Changed settings as JSON text.
    pub overrides_json: Option<String>,
    /// When it was asked for.
    pub requested_at: Option<String>,
    /// By whom.
    pub requested_by: Option<String>,
    /// Its command.
    pub command: Option<RerunCommandOut>,
    /// Who would launch another rerun.
    pub agent: Option<RerunAgentOut>,
    /// What that would run.
    pub recorded: RecordedOut,
    /// Why it cannot be run again now: `active`, `no_command`; null: it can.
    pub why_disabled: Option<&'static str>,
    /// What it repeats, and what that repeats, nearest first.
    pub ancestors: Vec<RelativeOut>,
    /// Its own reruns, oldest first.
    pub children: Vec<RelativeOut>,
}

/// Shows where a rerun came from and stands, and what running the batch again would do.
#[utoipa::path(get, path = "/api/batches/{batch_id}/rerun-info", tag = "agents",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = RerunInfoOut), (status = 404, description = "no such batch")))]
pub async fn rerun_info(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<RerunInfoOut>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let (store, now) = (&services.store, services.clock.now());
    let note = store.rerun_note(&batch.id).await?;
    let command = match &note {
        Some(note) => store.command(&note.command).await?,
        None => None,
    };
    let agents = match batch.owner_id {
        Some(owner) => store.agents(owner).await?,
        None => vec![],
    };
    let agent = batch
        .host
        .as_deref()
        .and_then(|host| newest_on(&agents, host));
    let recorded = recorded(store, &batch).await?;
    let is_empty = recorded.command.is_none() && recorded.argv.is_none();
    let why_disabled = match (batch.status.is_terminal(), is_empty) {
        (false, _) => Some("active"),
        (true, true) => Some("no_command"),
        (true, false) => None,
    };
    let mut sight = Sight::load(store, caller.viewer()).await?;
    let parent = batch.source_batch_id.clone();
    let ancestors = ancestors(&services, &mut sight, parent).await?;
    let children = store.rerun_children(&batch.id).await?;
    let children = relatives(&services, &mut sight, &children).await?;
    Ok(Json(RerunInfoOut {
        source_batch_id: note.as_ref().map(|note| note.source_batch_id.clone()),
        overrides_json: note.as_ref().map(|note| note.overrides_json.clone()),
        requested_at: note.as_ref().map(|note| note.requested_at.to_text()),
        requested_by: note.map(|note| note.requested_by),
        command: command.map(|command| command_out(command.value, now)),
        agent: agent.map(|agent| agent_out(agent, now)),
        recorded: recorded_out(recorded),
        why_disabled,
        ancestors,
        children,
    }))
}

fn agent_out(agent: &Agent, now: Timestamp) -> RerunAgentOut {
    RerunAgentOut {
        agent_id: agent.id.clone(),
        hostname: agent.place.hostname.clone(),
        online: agent.is_online(now),
    }
}

fn command_out(command: Command, now: Timestamp) -> RerunCommandOut {
    RerunCommandOut {
        status: command.state_at(now).as_str(),
        id: command.id,
        agent_id: command.agent,
        reason: command.reason,
        error: command.error,
        expires_at: command.expires_at.to_text(),
        acked_at: command.acked_at.map(Timestamp::to_text),
        pid: command.pid,
        exit: command.exit.map(|exit| ExitOut {
            code: exit.code,
            signal: exit.signal,
            reason: exit.reason,
            last_lines: exit.last_lines,
        }),
    }
}

/// Values of variables may be secrets: only their names are shown.
fn recorded_out(rerun: Rerun) -> RecordedOut {
    let (commit, dirty) = rerun.git.unzip();
    RecordedOut {
        command: rerun.command,
        argv: rerun.argv,
        cwd: rerun.cwd,
        env_names: rerun.env.unwrap_or_default().into_keys().collect(),
        commit,
        dirty: dirty.unwrap_or(false),
    }
}

async fn ancestors(
    services: &Services,
    sight: &mut Sight,
    mut parent: Option<String>,
) -> Result<Vec<RelativeOut>, StoreError> {
    let mut found: Vec<RelativeOut> = vec![];
    while let Some(id) = parent.filter(|_| found.len() < GENERATIONS) {
        let Some(batch) = services.store.batch(&id).await? else {
            break;
        };
        parent = batch.value.source_batch_id;
        found.extend(relatives(services, sight, &[id]).await?);
    }
    Ok(found)
}

/// Those among the batches that the caller may see, in their order.
async fn relatives(
    services: &Services,
    sight: &mut Sight,
    ids: &[String],
) -> Result<Vec<RelativeOut>, StoreError> {
    let mut batches = services.store.batches(ids).await?;
    let mut found = vec![];
    for id in ids {
        let Some(batch) = batches.remove(id) else {
            continue;
        };
        if sight.sees(&batch).await? {
            found.push(RelativeOut {
                batch_id: batch.id,
                name: batch.name,
                status: batch.status.as_str().to_owned(),
                created_at: batch.created_at.to_text(),
            });
        }
    }
    Ok(found)
}
