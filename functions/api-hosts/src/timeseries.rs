//! `GET /api/hosts/{host}/timeseries`: one gauge of a host over time.

use axum::Json;
use axum::extract::State;
use domain::host::{Bucket, HostMetric, Reading, buckets, window_start};
use domain::limits::TIMESERIES_SNAPSHOTS;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::known_hosts;
use web::snapshots::{self, Snapshot, Wish};
use web::{ApiResult, Caller, Params, PathParams};
use wire::snapshot::gauge;

/// Readings of one span of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostTimeseriesBucket {
    /// Start, a multiple of the width since the epoch.
    pub ts: String,
    /// Mean of the host's gauge.
    pub total: Option<f64>,
    /// Sum of the gauge of each batch's own process.
    pub by_batch: BTreeMap<String, f64>,
}

impl From<Bucket> for HostTimeseriesBucket {
    fn from(bucket: Bucket) -> Self {
        Self {
            ts: bucket.start.to_text(),
            total: bucket.total,
            by_batch: bucket.by_batch,
        }
    }
}

/// A gauge of a host over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostTimeseriesOut {
    /// Host.
    pub host: String,
    /// Gauge.
    pub metric: &'static str,
    /// Oldest first; spans without snapshots are left out.
    pub buckets: Vec<HostTimeseriesBucket>,
    /// How much of it the host has: 100 for percentages, null when unknown.
    pub host_total_capacity: Option<f64>,
    /// The window holds more snapshots than one series is made from; the oldest are missing.
    pub truncated: bool,
}

/// Shows one gauge of a host in buckets. Batches the caller may not see are left out.
#[utoipa::path(get, path = "/api/hosts/{host}/timeseries", tag = "hosts",
    params(("host" = String, Path),
        ("metric" = Option<String>, Query, description = "gpu_mem_mb (default), gpu_util_pct, cpu_util_pct, ram_mb"),
        ("since" = Option<String>, Query, description = "RFC 3339 or now-<n>h, m, s; default the last hour"),
        ("bucket_seconds" = Option<i64>, Query, description = "10..3600, default 60")),
    responses((status = 200, body = HostTimeseriesOut), (status = 404, description = "no such host"),
        (status = 422, description = "parameters")))]
pub async fn host_timeseries(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<HostTimeseriesOut>> {
    let host = path.text(0).to_owned();
    let metric = HostMetric::parse(params.text("metric").unwrap_or_default());
    let width = params.integer("bucket_seconds", 60, 10..=3600)?;
    let entries = known_hosts::one(&services, &caller, &host).await?;
    let wish = Wish {
        since: Some(window_start(params.text("since"), services.clock.now())),
        before: None,
        limit: TIMESERIES_SNAPSHOTS,
    };
    let (rows, next) =
        snapshots::newest(&services.store, &entries, &wish, services.clock.now()).await?;
    let capacity = capacity(metric, &rows);
    let readings = rows.into_iter().map(|row| reading(metric, row));
    let found = buckets(readings, width);
    Ok(Json(HostTimeseriesOut {
        host,
        metric: metric.as_str(),
        buckets: found.into_iter().map(HostTimeseriesBucket::from).collect(),
        host_total_capacity: capacity,
        truncated: next.is_some(),
    }))
}

fn reading(metric: HostMetric, row: Snapshot) -> Reading {
    let data = row.data();
    Reading {
        at: row.at,
        batch: row.batch,
        host: gauge(&data, metric.as_str()),
        process: gauge(&data, metric.process_gauge()),
    }
}

/// What the newest snapshot that says so says; nothing when the window is empty.
fn capacity(metric: HostMetric, newest_first: &[Snapshot]) -> Option<f64> {
    match metric.capacity_gauge() {
        Some(name) => newest_first.iter().find_map(|row| gauge(&row.data(), name)),
        None => (!newest_first.is_empty()).then_some(100.0),
    }
}
