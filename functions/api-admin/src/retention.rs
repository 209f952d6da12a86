//! `/api/admin/retention/*`: what is kept how long, what the sweep did last and would do next.

use axum::Json;
use axum::extract::State;
use cron_retention::{NAME, Outcome, Wish, sweep, watched};
use domain::retention::Rule;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;
use web::{Admin, ApiResult, ClientInfo, Deed};

/// Longest sweep or look somebody waits for; the schedule goes on with the rest.
const PATIENCE: Duration = Duration::from_secs(20);

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
    /// Days in which what was deleted can be restored.
    pub grace_days: u64,
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
    /// Milliseconds it took.
    pub last_run_ms: Option<u64>,
    /// What went wrong in it.
    pub last_error: Option<String>,
    /// When the next one is due; null when the schedule is not this server's, or off.
    pub next_run_at: Option<String>,
    /// What is stored is kept by these settings; false while a sweep still applies a change.
    pub settled: bool,
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
    let last = runs.into_iter().find(|run| run.name == NAME);
    let progress = services.store.sweep_progress().await?;
    let every = services
        .config
        .sweep_minutes
        .filter(|_| services.config.exclusive);
    let next = every.and_then(|minutes| {
        let secs = i64::try_from(minutes * 60).ok()?;
        let last = last.as_ref().map(|run| run.at);
        Some(last.unwrap_or_else(|| services.clock.now()).plus_secs(secs))
    });
    Ok(Json(RetentionStatusOut {
        settings: RetentionOut {
            snapshot_days: kept.snapshot_days,
            log_line_days: kept.log_line_days,
            job_epoch_days: kept.job_epoch_days,
            event_other_days: kept.event_other_days,
            demo_data_days: kept.demo_data_days,
            grace_days: kept.grace_days,
        },
        last_run_at: last.as_ref().map(|run| run.at.to_text()),
        last_run_ms: last.as_ref().and_then(|run| run.elapsed_ms),
        last_error: last.as_ref().and_then(|run| run.error.clone()),
        last_run_stats: last.map(|run| run.report),
        next_run_at: next.map(|at| at.to_text()),
        settled: progress.settled && progress.by == Some(kept),
    }))
}

/// What a sweep removed, or would remove.
#[derive(Debug, Serialize, ToSchema)]
pub struct SweepOut {
    /// How many, by rule, and beside the rules: `batches` deleted long enough ago, their `rows`
    /// and `objects`; `expired` rows; `orphans` (objects nobody points at); `retimed` rows, which
    /// are kept for longer or shorter than before.
    pub stats: BTreeMap<String, u64>,
    /// Bytes of all of it.
    pub bytes: u64,
    /// Arrival of the oldest.
    pub oldest: Option<String>,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
    /// Nothing is left for the next sweep.
    pub complete: bool,
}

impl SweepOut {
    fn new(outcome: Outcome, began: Instant) -> Self {
        let counts = outcome.tally.counts.into_iter();
        Self {
            stats: counts.map(|(what, many)| (what.to_owned(), many)).collect(),
            bytes: outcome.tally.bytes,
            oldest: outcome.tally.oldest.map(|at| at.to_text()),
            elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            complete: outcome.complete,
        }
    }
}

/// Sweeps at once, for at most twenty seconds.
#[utoipa::path(post, path = "/api/admin/retention/sweep", tag = "admin",
    responses((status = 200, body = SweepOut), (status = 403, description = "not an administrator")))]
pub async fn sweep_now(
    State(services): State<Services>,
    admin: Admin,
    client: ClientInfo,
) -> ApiResult<Json<SweepOut>> {
    let began = Instant::now();
    let wish = Wish {
        dry: false,
        tidy: true,
        deadline: Some(began + PATIENCE),
    };
    let outcome = Box::pin(watched(&services, wish)).await?;
    let mut deed = Deed::new("retention_sweep_manual", "system", "retention");
    for rule in Rule::ALL {
        deed = deed.with(rule.as_str(), outcome.tally.of(rule.as_str()));
    }
    let deed = deed.with("batches", outcome.tally.of("batches"));
    let row = deed.row(&services, &admin.0, &client)?;
    services.store.table.write(row).await?;
    Ok(Json(SweepOut::new(outcome, began)))
}

/// Tells what a sweep would remove now, and removes nothing.
#[utoipa::path(get, path = "/api/admin/retention/preview", tag = "admin",
    responses((status = 200, body = SweepOut), (status = 403, description = "not an administrator")))]
pub async fn preview_sweep(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<SweepOut>> {
    let began = Instant::now();
    let wish = Wish {
        dry: true,
        tidy: true,
        deadline: Some(began + PATIENCE),
    };
    let (outcome, done) = Box::pin(sweep(&services, wish)).await;
    done?;
    Ok(Json(SweepOut::new(outcome, began)))
}
