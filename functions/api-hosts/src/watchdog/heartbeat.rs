//! `POST /api/watchdog/heartbeat`: a watchdog lives, and how its last cycle went.

use axum::extract::State;
use axum::http::StatusCode;
use domain::limits::HOST_CHARS;
use domain::time::Timestamp;
use domain::watchdog::{Watchdog, Wishes};
use runtime::Services;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{AgentCaller, ApiResult, Body, Invalid};

/// Longest figures of a cycle as JSON, bytes.
const CYCLE_BYTES: usize = 4096;
/// Characters of a short word.
const WORD_CHARS: usize = 64;

/// How it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchdogHeartbeatIn {
    /// Its host.
    host: String,
    /// Its version.
    version: String,
    /// Figures of its last cycle.
    #[serde(default)]
    #[schema(value_type = Object)]
    cycle: Map<String, Value>,
    /// `live`, `dry_run` or `paused`.
    mode: String,
}

/// A watchdog nobody has heard of yet.
pub fn fresh(caller: &AgentCaller, host: &str, now: Timestamp) -> Watchdog {
    Watchdog {
        agent: caller.agent().id.clone(),
        owner: caller.agent().user_id,
        host: host.to_owned(),
        version: caller.agent().version.clone().unwrap_or_default(),
        mode: "live".to_owned(),
        last_seen: now,
        cycle_json: "{}".to_owned(),
        interval_secs: None,
        last_problem: None,
        wishes: Wishes::default(),
    }
}

/// Notes a sign of life.
#[utoipa::path(post, path = "/api/watchdog/heartbeat", tag = "watchdog", request_body = WatchdogHeartbeatIn,
    responses((status = 204, description = "noted"), (status = 401, description = "no agent's token"),
        (status = 422, description = "invalid body")))]
pub async fn watchdog_heartbeat(
    State(services): State<Services>,
    caller: AgentCaller,
    Body(said): Body<WatchdogHeartbeatIn>,
) -> ApiResult<StatusCode> {
    Invalid::check_chars("host", Some(&said.host), HOST_CHARS)?;
    Invalid::check_chars("version", Some(&said.version), WORD_CHARS)?;
    Invalid::check_chars("mode", Some(&said.mode), WORD_CHARS)?;
    let interval_secs = said.cycle.get("interval_s").and_then(Value::as_i64);
    let cycle = Value::Object(said.cycle).to_string();
    Invalid::check_chars("cycle", Some(&cycle), CYCLE_BYTES)?;
    let now = services.clock.now();
    let fresh = fresh(&caller, &said.host, now);
    let noted = services.store.update_watchdog(&fresh, &[], |dog| {
        dog.host.clone_from(&said.host);
        dog.version.clone_from(&said.version);
        dog.mode.clone_from(&said.mode);
        dog.cycle_json.clone_from(&cycle);
        dog.interval_secs = interval_secs;
        dog.last_seen = now;
    });
    let due = noted.await?.due();
    let (store, agent) = (&services.store, caller.agent());
    let noted = store.update_agent(agent.user_id, &agent.id, &[], |agent| {
        agent.watchdog_due = Some(due);
        agent.watchdog_silence_told = false;
    });
    noted.await?;
    Ok(StatusCode::NO_CONTENT)
}
