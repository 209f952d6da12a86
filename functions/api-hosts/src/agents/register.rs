//! `POST /api/agents/register`: a daemon becomes an agent, or comes back as the one it was.

use crate::refused::refused;
use auth::token;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::agent::{Agent, Place};
use domain::limits::{AGENTS_PER_USER, HOST_CHARS};
use domain::time::Timestamp;
use runtime::{Credential, Services, entropy};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::StoreError;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid};
use wire::Code;

/// Rounds after lost races with another registration.
const ROUNDS: usize = 8;
/// Seconds between questions of an agent that does not wait for answers.
pub const POLL_SECS: u64 = 10;
/// Seconds between its signs of life.
const HEARTBEAT_SECS: u64 = 30;
/// Characters of a short word it sends.
const WORD_CHARS: usize = 128;
/// Words for what it can do.
const CAPABILITIES: usize = 32;

/// Which daemon it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentRegisterIn {
    /// Name scripts on its machine report as their host.
    hostname: String,
    /// Its version.
    #[serde(default)]
    version: Option<String>,
    /// What it can do; a watchdog says `watchdog` alone.
    #[serde(default)]
    capabilities: Vec<String>,
    /// What people shall know it by.
    #[serde(default)]
    label: Option<String>,
    /// The machine's own id.
    #[serde(default)]
    machine_id: Option<String>,
    /// Operating-system user.
    #[serde(default)]
    uid: Option<i64>,
    /// One of several daemons of this user on this machine.
    #[serde(default)]
    instance: Option<String>,
}

/// The agent with its token, which is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentRegisterOut {
    /// Id.
    pub agent_id: String,
    /// Its token, `ag_live_…`.
    pub agent_token: String,
    /// Seconds between questions.
    pub poll_interval_s: u64,
    /// Seconds between signs of life.
    pub heartbeat_interval_s: u64,
    /// Our time.
    pub server_time_utc: String,
    /// Its token is refused from then on, like the API token it registered with.
    pub expires_at: Option<String>,
}

/// Registers a daemon. The same daemon keeps its id and waiting commands; its earlier token is
/// refused at once.
#[utoipa::path(post, path = "/api/agents/register", tag = "agents", request_body = AgentRegisterIn,
    responses((status = 201, body = AgentRegisterOut), (status = 403, description = "a viewer token"),
        (status = 409, description = "too many agents"), (status = 422, description = "invalid body")))]
pub async fn register_agent(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<AgentRegisterIn>,
) -> ApiResult<(StatusCode, Json<AgentRegisterOut>)> {
    check(&wish)?;
    let (user, store) = (caller.user().id, &services.store);
    let parent = match caller.credential {
        Credential::Token { id, .. } => store.token(user, id).await?,
        Credential::Session { .. } | Credential::Run { .. } => None,
    };
    let place = Place {
        hostname: wish.hostname.clone(),
        machine_id: wish.machine_id.clone(),
        uid: wish.uid,
        instance: wish.instance.clone(),
    };
    let id = id_of(user, &place);
    for _ in 0..ROUNDS {
        let now = services.clock.now();
        let before = store.agent(user, &id).await?;
        if before.is_none() && store.agents(user).await?.len() >= AGENTS_PER_USER {
            return Err(ApiError::with(Code::AgentCap, [AGENTS_PER_USER]));
        }
        let text = token::format_agent(entropy::bytes());
        let lookup = token::parse_agent(&text).ok_or_else(|| ApiError::new(Code::Internal))?;
        let old = before.as_ref().map(|before| &before.value);
        let agent = Agent {
            id: id.clone(),
            user_id: user,
            place: place.clone(),
            label: wish.label.clone().or(old.and_then(|old| old.label.clone())),
            lookup: lookup.to_owned(),
            hash: token::hash(&text, entropy::bytes()),
            token_id: parent.as_ref().map(|token| token.id),
            expires_at: parent.as_ref().and_then(|token| token.expires_at),
            version: wish.version.clone(),
            capabilities: wish.capabilities.clone(),
            policy: old.and_then(|old| old.policy.clone()),
            runs: old.map(|old| old.runs.clone()).unwrap_or_default(),
            created_at: old.map_or(now, |old| old.created_at),
            last_seen: now,
            silence_told: false,
            watchdog_due: old.and_then(|old| old.watchdog_due),
            watchdog_silence_told: old.is_some_and(|old| old.watchdog_silence_told),
        };
        let deed = Deed::new("agent_registered", "agent", &id).with("host", &wish.hostname);
        let row = deed.row(&services, &caller, &client)?;
        match store.put_agent(&agent, before.as_ref(), vec![row]).await {
            Ok(()) => {
                services.credentials.agents.forget_user(user);
                return Ok((StatusCode::CREATED, Json(out(&agent, text, now))));
            }
            Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

fn check(wish: &AgentRegisterIn) -> ApiResult<()> {
    let hostname = wish.hostname.trim();
    if hostname.is_empty() || wish.hostname.chars().count() > HOST_CHARS {
        let msg = format!("A host name has 1 to {HOST_CHARS} characters");
        return Err(refused(&["hostname"], msg));
    }
    for (field, text) in [
        ("version", &wish.version),
        ("label", &wish.label),
        ("machine_id", &wish.machine_id),
        ("instance", &wish.instance),
    ] {
        Invalid::check_chars(field, text.as_deref(), WORD_CHARS)?;
    }
    let mut words = wish.capabilities.iter();
    let is_long = words.any(|word| word.chars().count() > WORD_CHARS);
    if is_long || wish.capabilities.len() > CAPABILITIES {
        let msg = format!("At most {CAPABILITIES} words of {WORD_CHARS} characters");
        return Err(refused(&["capabilities"], msg));
    }
    Ok(())
}

/// The same daemon of the same user has the same id, however many of its registrations arrive at
/// once.
fn id_of(user: u64, place: &Place) -> String {
    let json = serde_json::to_vec(&(user, place)).unwrap_or_default();
    let digest = Sha256::digest(json);
    let hex: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("agent-{hex}")
}

fn out(agent: &Agent, token: String, now: Timestamp) -> AgentRegisterOut {
    AgentRegisterOut {
        agent_id: agent.id.clone(),
        agent_token: token,
        poll_interval_s: POLL_SECS,
        heartbeat_interval_s: HEARTBEAT_SECS,
        server_time_utc: Timestamp(now.0 / 1000 * 1000).to_text(),
        expires_at: agent.expires_at.map(Timestamp::to_text),
    }
}
