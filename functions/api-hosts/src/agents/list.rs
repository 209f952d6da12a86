//! `GET /api/agents`: somebody's agents, or everybody's for administrators.

use axum::Json;
use axum::extract::State;
use domain::agent::Agent;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, Params};
use wire::Code;

/// Pages of everybody's agents that are read.
const PAGES: usize = 50;

/// An agent's local policy, as it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentPolicyOut {
    /// `always`, `ask` or `never`.
    pub approve: String,
    /// A few lines for people.
    pub summary: Vec<String>,
}

/// A run an agent holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentRunOut {
    /// Command that began it.
    pub cmd_id: String,
    /// Its batch.
    pub batch_id: String,
    /// Process id on its host.
    pub pid: Option<i64>,
    /// The agent's word for its state.
    pub state: String,
}

/// An agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentOut {
    /// Id.
    pub agent_id: String,
    /// Host whose runs it launches.
    pub hostname: String,
    /// Name people gave it.
    pub label: Option<String>,
    /// One of several on that host.
    pub instance: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// Heard of within the last minute and a half.
    pub online: bool,
    /// Last sign of life, half a minute coarse.
    pub last_seen: String,
    /// First registration.
    pub created_at: String,
    /// Refused from then on.
    pub expires_at: Option<String>,
    /// Whose it is.
    pub owner_id: u64,
    /// Its policy.
    pub policy: Option<AgentPolicyOut>,
    /// What it holds.
    pub runs: Vec<AgentRunOut>,
}

impl AgentOut {
    /// An agent as of `now`.
    pub fn of(agent: Agent, now: Timestamp) -> Self {
        let run = |run: domain::agent::HeldRun| AgentRunOut {
            cmd_id: run.cmd_id,
            batch_id: run.batch_id,
            pid: run.pid,
            state: run.state,
        };
        Self {
            online: agent.is_online(now),
            agent_id: agent.id,
            hostname: agent.place.hostname,
            label: agent.label,
            instance: agent.place.instance,
            version: agent.version,
            capabilities: agent.capabilities,
            last_seen: agent.last_seen.to_text(),
            created_at: agent.created_at.to_text(),
            expires_at: agent.expires_at.map(Timestamp::to_text),
            owner_id: agent.user_id,
            policy: agent.policy.map(|policy| AgentPolicyOut {
                approve: policy.approve,
                summary: policy.summary,
            }),
            runs: agent.runs.into_iter().map(run).collect(),
        }
    }
}

/// Agents.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentsOut {
    /// By host, then id.
    pub items: Vec<AgentOut>,
}

/// Lists the caller's agents, with `scope=all` those of everybody.
#[utoipa::path(get, path = "/api/agents", tag = "agents",
    params(("scope" = Option<String>, Query)),
    responses((status = 200, body = AgentsOut), (status = 403, description = "all of them are for administrators")))]
pub async fn list_agents(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Json<AgentsOut>> {
    let now = services.clock.now();
    let mut agents = match params.choice("scope", &["own", "all"])? {
        "all" if !caller.user().is_admin => return Err(ApiError::new(Code::AdminRequired)),
        "all" => everybodys(&services).await?,
        _ => services.store.agents(caller.user().id).await?,
    };
    agents.sort_by(|a, b| (&a.place.hostname, &a.id).cmp(&(&b.place.hostname, &b.id)));
    let items = agents
        .into_iter()
        .map(|agent| AgentOut::of(agent, now))
        .collect();
    Ok(Json(AgentsOut { items }))
}

async fn everybodys(services: &Services) -> ApiResult<Vec<Agent>> {
    let (mut all, mut after) = (vec![], None);
    for _ in 0..PAGES {
        let (page, next) = services.store.all_agents(after.as_deref()).await?;
        all.extend(page);
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(all)
}
