//! `GET /api/watchdog/policy`: what people ask of a watchdog.

use axum::Json;
use axum::extract::State;
use domain::time::Timestamp;
use domain::watchdog::Wishes;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{AgentCaller, ApiResult};

/// A span of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaintenanceOut {
    /// Begin.
    pub from: String,
    /// End.
    pub to: String,
}

/// A kind of problem that is not told.
#[derive(Debug, Serialize, ToSchema)]
pub struct MuteOut {
    /// `disk`, `memory`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Until then.
    pub until: String,
}

/// Somebody's word on an action it asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalOut {
    /// Of exactly this action.
    pub digest: String,
    /// `allow` or `deny`.
    pub verdict: &'static str,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: String,
}

/// What people ask of it. It may only narrow what the host's own file allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchdogPolicyOut {
    /// Grows with every change.
    pub version: u64,
    /// Do nothing until then.
    pub paused_until: Option<String>,
    /// Only say what would be done; null: as the host's file says.
    pub dry_run: Option<bool>,
    /// Do nothing in between.
    pub maintenance: Option<MaintenanceOut>,
    /// What not to tell.
    pub mute: Vec<MuteOut>,
    /// Words on what it asked for.
    pub approvals: Vec<ApprovalOut>,
}

impl From<&Wishes> for WatchdogPolicyOut {
    fn from(wishes: &Wishes) -> Self {
        let mute = wishes.mute.iter().map(|mute| MuteOut {
            kind: mute.kind.clone(),
            until: mute.until.to_text(),
        });
        let approvals = wishes.approvals.iter().map(|approval| ApprovalOut {
            digest: approval.digest.clone(),
            verdict: if approval.allow { "allow" } else { "deny" },
            by: approval.by.clone(),
            at: approval.at.to_text(),
        });
        Self {
            version: wishes.version,
            paused_until: wishes.paused_until.map(Timestamp::to_text),
            dry_run: wishes.dry_run.then_some(true),
            maintenance: wishes.maintenance.as_ref().map(|span| MaintenanceOut {
                from: span.from.to_text(),
                to: span.to.to_text(),
            }),
            mute: mute.collect(),
            approvals: approvals.collect(),
        }
    }
}

/// Tells a watchdog what people ask of it.
#[utoipa::path(get, path = "/api/watchdog/policy", tag = "watchdog",
    responses((status = 200, body = WatchdogPolicyOut), (status = 304, description = "unchanged"),
        (status = 401, description = "no agent's token")))]
pub async fn watchdog_policy(
    State(services): State<Services>,
    caller: AgentCaller,
) -> ApiResult<Json<WatchdogPolicyOut>> {
    let agent = caller.agent();
    let found = services.store.watchdog(agent.user_id, &agent.id).await?;
    let wishes = found.map(|found| found.value.wishes).unwrap_or_default();
    Ok(Json(WatchdogPolicyOut::from(&wishes)))
}
