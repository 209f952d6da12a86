//! `GET /api/agents/{id}/jobs`: what there is to do, now or as soon as there is something.

use super::due::due;
use axum::Json;
use axum::extract::State;
use domain::command::{Command, Order};
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;
use web::{AgentCaller, ApiResult, Params};

/// Longest wait for something to do, seconds.
const LONGEST_WAIT_SECS: i64 = 20;
/// Between looks where another process may write the commands.
const LOOK: Duration = Duration::from_secs(1);

/// A command.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentJobOut {
    /// Id; it stays the same however often it is delivered.
    pub id: String,
    /// `rerun` or `stop`.
    pub kind: &'static str,
    /// Batch it makes or ends.
    pub batch_id: String,
    /// What to do.
    pub payload: Value,
    /// When it was wished for.
    pub created_at: String,
    /// Nobody may take it after that.
    pub expires_at: String,
    /// Its age by our clock, seconds.
    pub age_s: i64,
}

/// The commands, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentJobsOut {
    /// Commands; each comes again until it is answered.
    pub jobs: Vec<AgentJobOut>,
    /// Our time.
    pub server_time_utc: String,
}

/// Lists what the agent has to do. With `wait`, an answer with nothing in it is held back that many
/// seconds; on AWS only for agents that hold runs, since held answers cost money there.
#[utoipa::path(get, path = "/api/agents/{agent_id}/jobs", tag = "agents",
    params(("agent_id" = String, Path), ("wait" = Option<i64>, Query)),
    responses((status = 200, body = AgentJobsOut), (status = 401, description = "no agent's token"),
        (status = 403, description = "another agent's")))]
pub async fn list_agent_jobs(
    State(services): State<Services>,
    caller: AgentCaller,
    params: Params,
) -> ApiResult<Json<AgentJobsOut>> {
    let wait = params.integer("wait", 0, 0..=LONGEST_WAIT_SECS)?;
    let until = Instant::now() + Duration::from_secs(wait.unsigned_abs());
    // Listens before it looks: what comes in between rings.
    let mut bell = services.store.hub.follow_runners();
    let mut closing = services.shutdown.subscribe();
    loop {
        let due = due(&services, caller.agent()).await?;
        let is_held = services.config.exclusive || due.holds_runs;
        if !due.commands.is_empty() || !is_held || Instant::now() >= until {
            return Ok(Json(out(due.commands, services.clock.now())));
        }
        tokio::select! {
            () = rung(&mut bell, caller.agent().user_id) => {}
            () = sleep_until(until.min(Instant::now() + LOOK)) => {}
            _ = closing.changed() => return Ok(Json(out(vec![], services.clock.now()))),
        }
    }
}

/// Returns when somebody's agents got a command, or some news were missed.
async fn rung(bell: &mut Receiver<u64>, user: u64) {
    while let Ok(runner) = bell.recv().await {
        if runner == user {
            return;
        }
    }
}

fn out(commands: Vec<Command>, now: Timestamp) -> AgentJobsOut {
    let job = |command: Command| AgentJobOut {
        kind: command.order.kind(),
        payload: payload(&command),
        id: command.id,
        batch_id: command.batch_id,
        created_at: command.created_at.to_text(),
        expires_at: command.expires_at.to_text(),
        age_s: now.secs() - command.created_at.secs(),
    };
    AgentJobsOut {
        jobs: commands.into_iter().map(job).collect(),
        server_time_utc: now.to_text(),
    }
}

fn payload(command: &Command) -> Value {
    match &command.order {
        Order::Stop {
            requested_by,
            rerun_cmd_id,
        } => json!({"requested_by": requested_by, "rerun_cmd_id": rerun_cmd_id}),
        Order::Rerun(rerun) => {
            let overrides: Value = serde_json::from_str(&rerun.overrides_json).unwrap_or(json!({}));
            let git = rerun.git.as_ref();
            let git = git.map(|(sha, dirty)| json!({"sha": sha, "dirty": dirty}));
            json!({"source_batch_id": rerun.source_batch_id, "command": rerun.command,
                "argv": rerun.argv, "cwd": rerun.cwd, "env": rerun.env, "host": command.host,
                "overrides": overrides, "requested_by": rerun.requested_by, "name": rerun.name,
                "git": git})
        }
    }
}
