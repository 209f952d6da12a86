//! `GET /api/hosts`: how each host is doing right now.

use axum::extract::State;
use axum::response::Response;
use domain::batch::Batch;
use domain::host::is_online;
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::{Identity, Services};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use web::known_hosts::{self, KnownHost};
use web::page::{decode_cursor, page};
use web::{ApiError, ApiResult, Caller, Params, Sight};
use wire::snapshot::Gauges;

/// Cards made at the same time.
const SIDE_BY_SIDE: usize = 8;

/// A batch that has not ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HostBatch {
    /// Id.
    pub batch_id: String,
    /// Project.
    pub project: String,
    /// Status word.
    pub status: &'static str,
}

/// A host with its newest gauges.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostCard {
    /// Host name.
    pub host: String,
    /// Server time of the newest snapshot, a minute coarse.
    pub last_seen: String,
    /// It was seen within the last five minutes.
    pub online: bool,
    /// Newest gauges.
    #[serde(flatten)]
    pub gauges: Gauges,
    /// The caller's batches that run on it, by id.
    pub active_batches: Vec<HostBatch>,
}

/// Lists the hosts of the caller's batches in alphabetical order. The header `x-next-cursor`
/// leads to more.
#[utoipa::path(get, path = "/api/hosts", tag = "hosts",
    params(("limit" = Option<i64>, Query, description = "1..500, default 100"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<HostCard>), (status = 422, description = "parameters")))]
pub async fn list_hosts(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Response> {
    let limit = params.integer("limit", 100, 1..=500)? as usize;
    let after = decode_cursor(params.text("cursor"))?;
    let mut hosts = known_hosts::all(&services, &caller).await?;
    if let Some(after) = after {
        hosts.retain(|name, _| *name > after);
    }
    let more = hosts.len() > limit;
    let mut active = active_batches(&services, &caller).await?;
    let wanted = hosts.into_iter().take(limit).map(|(host, entries)| {
        let batches = active.remove(&host).unwrap_or_default();
        (host, entries, batches)
    });
    let wanted: Vec<_> = wanted.collect();
    let services = &services;
    let cards: Vec<HostCard> = iter(wanted)
        .map(|(host, entries, batches)| card(services, host, entries, batches))
        .buffered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let next = cards.last().map(|card| card.host.clone()).filter(|_| more);
    Ok(page(cards, next.as_deref()))
}

async fn card(
    services: &Services,
    host: String,
    entries: Vec<KnownHost>,
    active_batches: Vec<HostBatch>,
) -> Result<HostCard, ApiError> {
    let last_seen = known_hosts::last_seen(&entries);
    Ok(HostCard {
        host,
        last_seen: last_seen.to_text(),
        online: is_online(last_seen, services.clock.now()),
        gauges: known_hosts::newest_gauges(&services.store, &entries, services.clock.now()).await?,
        active_batches,
    })
}

/// The batches that have not ended and the caller may see, by host.
async fn active_batches(
    services: &Services,
    who: &Identity,
) -> ApiResult<HashMap<String, Vec<HostBatch>>> {
    let mut sight = Sight::load(&services.store, Some(who.actor())).await?;
    let listed = services.store.active_batches().await?.into_iter();
    let ids: Vec<String> = listed
        .filter(|batch| sight.follows(batch))
        .map(|batch| batch.id)
        .collect();
    let mut batches: Vec<Batch> = Vec::new();
    for batch in services.store.batches(&ids).await?.into_values() {
        if batch.status.is_active() && sight.sees(&batch).await? {
            batches.push(batch);
        }
    }
    batches.sort_by(|a, b| a.id.cmp(&b.id));
    let mut by_host: HashMap<String, Vec<HostBatch>> = HashMap::new();
    for batch in batches {
        if let Some(host) = batch.host {
            by_host.entry(host).or_default().push(HostBatch {
                batch_id: batch.id,
                project: batch.project,
                status: batch.status.as_str(),
            });
        }
    }
    Ok(by_host)
}
