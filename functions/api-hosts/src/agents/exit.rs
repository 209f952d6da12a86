//! `POST /api/agents/{id}/jobs/{cmd}/exit`: the run an agent launched has ended.

use super::held::held;
use super::run::{self, Said};
use crate::refused::refused;
use axum::Json;
use axum::extract::State;
use domain::batch::Batch;
use domain::command::{CommandState, Exit, Order};
use domain::limits::{EXIT_LINE_CHARS, EXIT_LINES};
use domain::status::BatchStatus;
use domain::time::Timestamp;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{AgentCaller, ApiError, ApiResult, Body, PathParams};
use wire::Code;

/// Rounds after lost races with the run's own reports.
const ROUNDS: usize = 8;
/// Words for how a run ended.
const REASONS: [&str; 5] = ["exited", "signaled", "oom", "lost", "unknown"];

/// How it ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExitIn {
    /// Exit code.
    #[serde(default)]
    exit_code: Option<i64>,
    /// Signal that ended it.
    #[serde(default)]
    signal: Option<i64>,
    /// `exited`, `signaled`, `oom`, `lost` or `unknown`.
    reason: String,
    /// Last lines of its output, at most 50 of 2,000 characters.
    #[serde(default)]
    last_lines: Vec<String>,
    /// When it began, by the agent's clock.
    #[serde(default)]
    started_at: Option<String>,
    /// When it ended, likewise.
    #[serde(default)]
    ended_at: Option<String>,
}

/// What the run has come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExitReportOut {
    /// Command.
    pub cmd_id: String,
    /// `exited`, or what the command was settled as before.
    pub status: &'static str,
    /// Status of its batch.
    pub batch_status: Option<&'static str>,
}

/// Takes an exit report. A batch whose script did not say that it ended, ends with it: stopped if
/// somebody asked for that, else done or failed by the exit code. Repeating it changes nothing.
#[utoipa::path(post, path = "/api/agents/{agent_id}/jobs/{cmd_id}/exit", tag = "agents", request_body = ExitIn,
    params(("agent_id" = String, Path), ("cmd_id" = String, Path)),
    responses((status = 200, body = ExitReportOut), (status = 404, description = "no such command of this agent"),
        (status = 422, description = "invalid body")))]
pub async fn report_exit(
    State(services): State<Services>,
    caller: AgentCaller,
    path: PathParams,
    Body(report): Body<ExitIn>,
) -> ApiResult<Json<ExitReportOut>> {
    let exit = checked(report)?;
    for _ in 0..ROUNDS {
        let found = held(&services.store, caller.agent(), path.text(1)).await?;
        let (mut command, now) = (found.value, services.clock.now());
        let batch = services.store.batch(&command.batch_id).await?;
        let status = batch.as_ref().map(|batch| batch.value.status.as_str());
        if !command.state.is_alive() || !matches!(command.order, Order::Rerun(_)) {
            return Ok(Json(ExitReportOut {
                cmd_id: command.id,
                status: command.state.as_str(),
                batch_status: status,
            }));
        }
        command.state = CommandState::Exited;
        command.agent = Some(caller.agent().id.clone());
        command.exit = Some(exit.clone());
        let ended = batch.as_ref().and_then(|batch| {
            let (after, said) = ended(&batch.value, &exit, now)?;
            Some((batch, after, said))
        });
        let after = ended.as_ref().map(|(_, after, _)| after.status.as_str());
        let with = ended
            .as_ref()
            .map(|(before, after, said)| (*before, after, (said.0, said.1.clone())));
        if run::save(&services, (&command, found.rev), with, now).await? {
            return Ok(Json(ExitReportOut {
                cmd_id: command.id,
                status: command.state.as_str(),
                batch_status: after.or(status),
            }));
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

fn checked(report: ExitIn) -> ApiResult<Exit> {
    if !REASONS.contains(&report.reason.as_str()) {
        let msg = format!("Input should be one of: {}", REASONS.join(", "));
        return Err(refused(&["reason"], msg));
    }
    if report.last_lines.len() > EXIT_LINES {
        return Err(refused(
            &["last_lines"],
            format!("At most {EXIT_LINES} lines"),
        ));
    }
    for (field, text) in [
        ("started_at", &report.started_at),
        ("ended_at", &report.ended_at),
    ] {
        if text
            .as_deref()
            .is_some_and(|text| Timestamp::parse(text).is_none())
        {
            let msg = "Input should be an RFC 3339 instant".to_owned();
            return Err(refused(&[field], msg));
        }
    }
    let cut = |line: String| line.chars().take(EXIT_LINE_CHARS).collect();
    Ok(Exit {
        code: report.exit_code,
        signal: report.signal,
        reason: report.reason,
        last_lines: report.last_lines.into_iter().map(cut).collect(),
    })
}

/// The batch after its run has ended; `None`: it says itself how it ended.
fn ended(batch: &Batch, exit: &Exit, now: Timestamp) -> Option<(Batch, Said)> {
    if batch.status.is_terminal() {
        return None;
    }
    let mut after = batch.clone();
    let (status, error, event) = match (batch.stop.is_some(), exit.is_clean()) {
        (true, _) => (BatchStatus::Stopped, None, "batch_stopped"),
        (false, true) => (BatchStatus::Done, None, "batch_done"),
        (false, false) => (BatchStatus::Failed, Some(exit.error()), "batch_failed"),
    };
    let data = json!({"error": error, "exit_code": exit.code, "signal": exit.signal, "reason": exit.reason});
    run::end(&mut after, status, error, now);
    Some((after, (event, data)))
}
