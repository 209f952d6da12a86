//! `GET /api/dashboard`: everything the first page shows, in one answer.

use crate::hosts::{self, DashboardHostCard};
use crate::panels::{DashboardActivityItem, DashboardNotification, panels};
use crate::seen::{self, Seen};
use axum::Json;
use axum::extract::State;
use domain::figures::{self, Part, rounded};
use domain::usage;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, Caller, Params, Scope, Sight, visible};
use wire::project::ProjectFigures;

/// Numbers at the top of the page.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardCounters {
    /// Batches running.
    pub running_batches: usize,
    /// Jobs at work.
    pub jobs_running: usize,
    /// Jobs done within a day.
    pub jobs_done_24h: usize,
    /// Jobs failed within a day.
    pub jobs_failed_24h: usize,
    /// Hosts seen within five minutes.
    pub active_hosts: usize,
    /// Mean GPU utilisation of those hosts that report it, percent.
    pub avg_gpu_util: Option<f64>,
    /// The caller's own batches running.
    pub my_running: usize,
}

/// The first page.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardOut {
    /// What was asked for: `mine`, `shared` or `all`.
    pub scope: &'static str,
    /// Numbers.
    pub counters: DashboardCounters,
    /// Projects: starred first, then those at work, then by recency.
    pub projects: Vec<ProjectFigures>,
    /// The last twenty things that happened, newest first.
    pub activity: Vec<DashboardActivityItem>,
    /// Hosts seen within five minutes, by name.
    pub hosts: Vec<DashboardHostCard>,
    /// The last five failures, newest first.
    pub notifications: Vec<DashboardNotification>,
    /// Server time.
    pub generated_at: String,
}

/// Shows what is at work, what happened lately and how the hosts are doing.
#[utoipa::path(get, path = "/api/dashboard", tag = "dashboard",
    params(("scope" = Option<String>, Query, description = "mine, shared (others' batches the caller may see), all")),
    responses((status = 200, body = DashboardOut), (status = 422, description = "scope")))]
pub async fn show_dashboard(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Json<DashboardOut>> {
    let (scope, word) = seen::scope(&params)?;
    let me = caller.user.id;
    let now = services.clock.now();
    let mut sight = Sight::load(&services.store, Some(caller.actor())).await?;
    let seen = Seen::load(&services, &mut sight).await?;
    let parts = seen.parts(scope, me);
    let online = hosts::online(&services, &caller, scope, &parts).await?;
    let mine = usage::counters(seen.parts(Scope::Mine, me), now);
    let counted = usage::counters(parts.iter().copied(), now);
    let (activity, notifications) = panels(&parts);
    Ok(Json(DashboardOut {
        scope: word,
        counters: DashboardCounters {
            running_batches: counted.running_batches,
            jobs_running: counted.jobs_running,
            jobs_done_24h: counted.jobs_done,
            jobs_failed_24h: counted.jobs_failed,
            active_hosts: online.count,
            avg_gpu_util: mean_gpu_util(&online.cards),
            my_running: mine.running_batches,
        },
        projects: projects(&services, &sight, &parts, me).await?,
        activity,
        hosts: online.cards,
        notifications,
        generated_at: now.to_text(),
    }))
}

async fn projects(
    services: &Services,
    sight: &Sight,
    parts: &[Part<'_>],
    me: u64,
) -> ApiResult<Vec<ProjectFigures>> {
    let now = services.clock.now();
    let starred = services.store.starred_projects(me).await?;
    let settings = visible::settings(services, sight).await?;
    let mut projects = figures::by_name(parts.iter().copied(), &settings);
    projects.retain(|project| !project.parts.is_empty());
    figures::rank(&mut projects, &starred);
    let figures = projects
        .iter()
        .map(|project| ProjectFigures::of(project, starred.contains(project.name), now));
    Ok(figures.collect())
}

fn mean_gpu_util(cards: &[DashboardHostCard]) -> Option<f64> {
    let known = cards.iter().filter_map(|card| card.gauges.gpu_util_pct);
    let known: Vec<f64> = known.collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    (!known.is_empty()).then(|| rounded(mean, 2))
}
