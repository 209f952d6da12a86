//! The hosts that are up, with what the caller's batches do on them.

use crate::seen::holds;
use domain::figures::{Part, runs};
use domain::host::{is_online, warnings};
use domain::leaderboard::Run;
use domain::limits::DASHBOARD_HOSTS;
use domain::metric;
use domain::status;
use domain::time::Timestamp;
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::Services;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashMap;
use utoipa::ToSchema;
use web::known_hosts::{self, KnownHost};
use web::{ApiError, ApiResult, Caller, Scope};
use wire::snapshot::Gauges;

/// Cards made at the same time.
const SIDE_BY_SIDE: usize = 8;
/// Jobs named on a card.
const TOP: usize = 5;

/// A job at work on a host.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardHostRunningJob {
    /// Batch.
    pub batch_id: String,
    /// Job.
    pub job_id: String,
    /// Model.
    pub model: Option<String>,
    /// Data set.
    pub dataset: Option<String>,
    /// Operating-system user of the script.
    pub user: Option<String>,
    /// Process, when the script said it.
    pub pid: Option<i64>,
}

/// A host that is up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardHostCard {
    /// Name.
    pub host: String,
    /// Server time of the newest snapshot, a minute coarse.
    pub last_seen: String,
    /// Newest gauges.
    #[serde(flatten)]
    pub gauges: Gauges,
    /// Jobs at work on it, of the batches this page is about.
    pub running_jobs: usize,
    /// The five that began last.
    pub running_jobs_top5: Vec<DashboardHostRunningJob>,
    /// What is worth a look.
    pub warnings: Vec<String>,
}

/// Jobs at work on one host.
#[derive(Default)]
struct Working {
    count: usize,
    top: Vec<DashboardHostRunningJob>,
}

/// The hosts that are up.
pub struct Online {
    /// How many.
    pub count: usize,
    /// A card each, by name, at most [`DASHBOARD_HOSTS`].
    pub cards: Vec<DashboardHostCard>,
}

/// Finds the hosts that are up and belong to `scope`.
pub async fn online(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    parts: &[Part<'_>],
) -> ApiResult<Online> {
    let now = services.clock.now();
    let mut hosts = known(services, caller, scope, parts).await?;
    hosts.retain(|host| is_online(host.entry.last_seen, now));
    let hosts = known_hosts::by_name(&services.store, hosts).await?;
    let count = hosts.len();
    let mut working = working(parts);
    let wanted = hosts
        .into_iter()
        .take(DASHBOARD_HOSTS)
        .map(|(host, known)| {
            let jobs = working.remove(host.as_str()).unwrap_or_default();
            (host, known, jobs)
        });
    let wanted: Vec<_> = wanted.collect();
    let cards = iter(wanted)
        .map(|(host, known, working)| card(services, host, known, working))
        .buffered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    Ok(Online { count, cards })
}

/// Hosts of the caller's own batches, and those that others' visible batches name.
async fn known(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    parts: &[Part<'_>],
) -> ApiResult<Vec<KnownHost>> {
    let store = &services.store;
    let me = caller.user.id;
    if caller.user.is_admin && scope != Scope::Mine {
        let mut all = store.all_hosts().await?;
        all.retain(|entry| holds(scope, Some(entry.of.owner), me));
        return Ok(all.into_iter().map(KnownHost::from).collect());
    }
    let mut hosts = Vec::new();
    if scope != Scope::Shared {
        let own = store.hosts_of(me).await?;
        hosts.extend(own.into_iter().map(KnownHost::from));
    }
    let others = parts.iter().map(|(batch, _)| *batch);
    let others = others.filter(|batch| batch.owner_id != Some(me));
    hosts.extend(known_hosts::of_batches(store, others).await?);
    Ok(hosts)
}

/// Jobs at work by host, newest start first.
fn working<'a>(parts: &[Part<'a>]) -> HashMap<&'a str, Working> {
    let mut by_host: HashMap<&str, Vec<Run<'a>>> = HashMap::new();
    let active = parts.iter().filter(|(batch, _)| batch.status.is_active());
    for run in runs(active.copied()) {
        if let Some(host) = run.batch.host.as_deref()
            && status::job_is_running(&run.job.status)
        {
            by_host.entry(host).or_default().push(run);
        }
    }
    let summed = by_host.into_iter().map(|(host, mut jobs)| {
        jobs.sort_by_key(|run| (Reverse(run.job.start_time.at), &run.batch.id, &run.job.id));
        let working = Working {
            count: jobs.len(),
            top: jobs.iter().take(TOP).map(running).collect(),
        };
        (host, working)
    });
    summed.collect()
}

async fn card(
    services: &Services,
    host: String,
    known: Vec<KnownHost>,
    working: Working,
) -> Result<DashboardHostCard, ApiError> {
    let last_seen: Timestamp = known_hosts::last_seen(&known);
    let gauges = known_hosts::newest_gauges(&services.store, &known, services.clock.now()).await?;
    Ok(DashboardHostCard {
        host,
        last_seen: last_seen.to_text(),
        warnings: warnings(gauges.gpu_temp_c, gauges.disk_free_mb),
        gauges,
        running_jobs: working.count,
        running_jobs_top5: working.top,
    })
}

fn running(run: &Run<'_>) -> DashboardHostRunningJob {
    let pid = run
        .job
        .extra
        .get("pid")
        .and_then(|json| metric::number(json));
    DashboardHostRunningJob {
        batch_id: run.batch.id.clone(),
        job_id: run.job.id.clone(),
        model: run.job.model.clone(),
        dataset: run.job.dataset.clone(),
        user: run.batch.user.clone(),
        pid: pid.filter(|pid| pid.fract() == 0.0).map(|pid| pid as i64),
    }
}
