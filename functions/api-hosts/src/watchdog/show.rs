//! `GET /api/watchdogs` and `GET /api/hosts/{host}/watchdog`: watchdogs the caller may look at.
//!
//! A caller is shown those they believe, on hosts they know.

use super::policy::WatchdogPolicyOut;
use axum::Json;
use axum::extract::State;
use domain::time::Timestamp;
use domain::watchdog::Watchdog;
use runtime::Services;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, PathParams, watchdogs};
use wire::Code;

/// The last problem of a host.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastProblemOut {
    /// When.
    pub ts: String,
    /// `critical`, `warning` or `info`.
    pub severity: String,
    /// `disk`, `memory`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// One line.
    pub description: String,
}

/// A watchdog.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchdogOut {
    /// Agent it is registered as.
    pub agent_id: String,
    /// Its host.
    pub host: String,
    /// Whose.
    pub owner_id: u64,
    /// Its version.
    pub version: String,
    /// `live`, `dry_run` or `paused`.
    pub mode: String,
    /// Heard of lately.
    pub online: bool,
    /// Last sign of life.
    pub last_seen: String,
    /// Figures of its last cycle.
    pub cycle: Value,
    /// Its last problem.
    pub last_problem: Option<LastProblemOut>,
    /// What people ask of it.
    pub policy: WatchdogPolicyOut,
    /// The caller may change that, and answer what it asks.
    pub may_edit: bool,
}

/// Watchdogs.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchdogsOut {
    /// By host.
    pub items: Vec<WatchdogOut>,
}

/// Lists the caller's watchdogs with the last problem of each.
#[utoipa::path(get, path = "/api/watchdogs", tag = "watchdog",
    responses((status = 200, body = WatchdogsOut)))]
pub async fn list_watchdogs(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<WatchdogsOut>> {
    let mut dogs = services.store.watchdogs_of(caller.user().id).await?;
    dogs.sort_by(|a, b| (&a.host, &a.agent).cmp(&(&b.host, &b.agent)));
    Ok(Json(out(&services, &caller, dogs)))
}

/// Lists the watchdogs on a host.
#[utoipa::path(get, path = "/api/hosts/{host}/watchdog", tag = "watchdog",
    params(("host" = String, Path)),
    responses((status = 200, body = WatchdogsOut), (status = 404, description = "no such host")))]
pub async fn host_watchdogs(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<WatchdogsOut>> {
    let dogs = watchdogs::seen(&services, &caller, path.text(0)).await?;
    Ok(Json(out(&services, &caller, dogs)))
}

/// Whether the caller may change what is asked of a watchdog.
pub fn may_edit(caller: &Caller, dog: &Watchdog) -> bool {
    caller.user().is_admin || caller.user().id == dog.owner
}

/// The watchdog on a host, if the caller may change what is asked of it.
pub async fn to_edit(
    services: &Services,
    caller: &Caller,
    host: &str,
    agent: &str,
) -> ApiResult<Watchdog> {
    let mut seen = watchdogs::seen(services, caller, host).await?.into_iter();
    let dog = seen.find(|dog| dog.agent == agent);
    let dog = dog.ok_or_else(|| ApiError::new(Code::AgentNotFound))?;
    match may_edit(caller, &dog) {
        true => Ok(dog),
        false => Err(ApiError::new(Code::WatchdogForeign)),
    }
}

fn out(services: &Services, caller: &Caller, dogs: Vec<Watchdog>) -> WatchdogsOut {
    let now = services.clock.now();
    let items = dogs
        .into_iter()
        .map(|dog| dog_out(caller, dog, now))
        .collect();
    WatchdogsOut { items }
}

/// A watchdog as the caller is shown it.
pub fn dog_out(caller: &Caller, dog: Watchdog, now: Timestamp) -> WatchdogOut {
    WatchdogOut {
        may_edit: may_edit(caller, &dog),
        policy: WatchdogPolicyOut::from(&dog.wishes),
        online: dog.is_online(now),
        agent_id: dog.agent,
        host: dog.host,
        owner_id: dog.owner,
        version: dog.version,
        mode: dog.mode,
        last_seen: dog.last_seen.to_text(),
        cycle: serde_json::from_str(&dog.cycle_json).unwrap_or(Value::Null),
        last_problem: dog.last_problem.map(|problem| LastProblemOut {
            ts: problem.at.to_text(),
            severity: problem.severity,
            kind: problem.kind,
            description: problem.description,
        }),
    }
}
