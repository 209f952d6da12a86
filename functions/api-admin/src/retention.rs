//! `GET /api/admin/retention/status`: what is kept how long, and when it was last seen to.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::{Admin, ApiResult};

/// Name under which the sweep notes its runs.
const SWEEP: &str = "cron-retention";

/// Days things are kept; 0: for ever. They are set in the group `retention` of the settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionOut {
    /// Host snapshots.
    pub snapshot_days: u64,
    /// Log lines.
    pub log_line_days: u64,
    /// Epochs.
    pub job_epoch_days: u64,
    /// Other events.
    pub event_other_days: u64,
    /// Snapshots of the demo host.
    pub demo_data_days: u64,
}

/// What is kept how long.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionStatusOut {
    /// Settings in force.
    pub settings: RetentionOut,
    /// When the last sweep ended, on whatever instance; null before the first.
    pub last_run_at: Option<String>,
    /// What it deleted, by rule.
    pub last_run_stats: Option<BTreeMap<String, u64>>,
}

/// Shows what is kept how long, and the last sweep.
#[utoipa::path(get, path = "/api/admin/retention/status", tag = "admin",
    responses((status = 200, body = RetentionStatusOut), (status = 403, description = "not an administrator")))]
pub async fn status(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<RetentionStatusOut>> {
    let settings = services.settings().await?;
    let kept = settings.retention;
    let runs = services.store.runs().await?;
    let last = runs.into_iter().find(|run| run.name == SWEEP);
    Ok(Json(RetentionStatusOut {
        settings: RetentionOut {
            snapshot_days: kept.snapshot_days,
            log_line_days: kept.log_line_days,
            job_epoch_days: kept.job_epoch_days,
            event_other_days: kept.event_other_days,
            demo_data_days: kept.demo_data_days,
        },
        last_run_at: last.as_ref().map(|run| run.at.to_text()),
        last_run_stats: last.map(|run| run.report),
    }))
}
