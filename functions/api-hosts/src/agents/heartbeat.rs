//! `POST /api/agents/{id}/heartbeat`: an agent lives, and says what it holds.

use crate::refused::refused;
use axum::extract::State;
use axum::http::StatusCode;
use domain::agent::{HeldRun, PolicyNote};
use runtime::Services;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{AgentCaller, ApiResult, Body};

/// Runs an agent may name.
const RUNS: usize = 256;
/// Lines of a policy's summary.
const LINES: usize = 20;
/// Characters of a line or word.
const CHARS: usize = 256;

/// What it says of itself; all of it may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatIn {
    /// Not kept.
    #[serde(default)]
    #[allow(dead_code, reason = "the contract has it; it says nothing")]
    note: Option<String>,
    /// Its version.
    #[serde(default)]
    version: Option<String>,
    /// Its policy.
    #[serde(default)]
    policy: Option<PolicyIn>,
    /// What it holds.
    #[serde(default)]
    runs: Option<Vec<RunIn>>,
}

/// A policy in a few words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyIn {
    /// `always`, `ask` or `never`.
    approve: String,
    /// A few lines for people.
    #[serde(default)]
    summary: Vec<String>,
}

/// A run it holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunIn {
    /// Command that began it.
    cmd_id: String,
    /// Its batch.
    batch_id: String,
    /// Process id.
    #[serde(default)]
    pid: Option<i64>,
    /// Its word for the state.
    state: String,
}

/// Notes a sign of life.
#[utoipa::path(post, path = "/api/agents/{agent_id}/heartbeat", tag = "agents", request_body = Option<HeartbeatIn>,
    params(("agent_id" = String, Path)),
    responses((status = 204, description = "noted"), (status = 401, description = "no agent's token"),
        (status = 403, description = "another agent's"), (status = 422, description = "invalid body")))]
pub async fn heartbeat(
    State(services): State<Services>,
    caller: AgentCaller,
    body: Option<Body<HeartbeatIn>>,
) -> ApiResult<StatusCode> {
    let said = body.map_or_else(HeartbeatIn::default, |Body(body)| body);
    check(&said)?;
    let policy = said.policy.map(|policy| PolicyNote {
        approve: policy.approve,
        summary: policy.summary,
    });
    let runs = said
        .runs
        .map(|runs| runs.into_iter().map(held).collect::<Vec<_>>());
    let now = services.clock.now();
    let agent = caller.agent();
    let noted = services
        .store
        .update_agent(agent.user_id, &agent.id, &[], |agent| {
            agent.last_seen = agent.last_seen.max(now);
            agent.silence_told = false;
            agent.version = said.version.clone().or(agent.version.take());
            agent.policy = policy.clone().or(agent.policy.take());
            if let Some(runs) = &runs {
                agent.runs.clone_from(runs);
            }
        });
    noted.await?;
    Ok(StatusCode::NO_CONTENT)
}

fn held(run: RunIn) -> HeldRun {
    HeldRun {
        cmd_id: run.cmd_id,
        batch_id: run.batch_id,
        pid: run.pid,
        state: run.state,
    }
}

fn check(said: &HeartbeatIn) -> ApiResult<()> {
    let is_long = |text: &String| text.chars().count() > CHARS;
    if said.version.as_ref().is_some_and(is_long) {
        return Err(refused(&["version"], format!("At most {CHARS} characters")));
    }
    if let Some(policy) = &said.policy
        && (policy.summary.len() > LINES
            || policy.summary.iter().any(is_long)
            || is_long(&policy.approve))
    {
        let msg = format!("At most {LINES} lines of {CHARS} characters");
        return Err(refused(&["policy"], msg));
    }
    let mut runs = said.runs.iter().flatten();
    let long_run = runs.any(|run| {
        [&run.cmd_id, &run.batch_id, &run.state]
            .into_iter()
            .any(is_long)
    });
    if long_run || said.runs.as_ref().is_some_and(|runs| runs.len() > RUNS) {
        let msg = format!("At most {RUNS} runs with words of {CHARS} characters");
        return Err(refused(&["runs"], msg));
    }
    Ok(())
}
