//! `GET /api/batches/{id}/resources`: host gauges noted for a batch.

use axum::Json;
use axum::extract::State;
use domain::batch::Batch;
use domain::event::Detail;
use domain::host::UNKNOWN_HOST;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::chunks::{Row, Stream, rows};
use store::{Store, StoreError};
use utoipa::ToSchema;
use web::{ApiResult, PathParams, Visitor, visible};
use wire::gpus;
use wire::snapshot::{Gauges, ResourceSnapshotOut};

/// Gauges of a batch's host.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResourcesOut {
    /// Host name, empty when unknown.
    pub host: String,
    /// At most 100, newest first.
    pub snapshots: Vec<Value>,
}

/// The newest snapshots of a batch, newest first.
pub async fn newest(
    store: &Store,
    batch: &str,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let stream = Stream {
        kind: Detail::Snapshots,
        batch: batch.to_owned(),
        job: String::new(),
    };
    let mut found = rows(store.newest_chunks(&stream, None, limit, now).await?);
    found.sort_by_key(|row| std::cmp::Reverse(row.id));
    found.truncate(limit);
    Ok(found)
}

/// Shows the newest host gauges this batch reported.
#[utoipa::path(get, path = "/api/batches/{batch_id}/resources", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BatchResourcesOut), (status = 404, description = "no such batch")))]
pub async fn batch_resources(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<BatchResourcesOut>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    Ok(Json(resources_of(&services, batch).await?))
}

/// The newest host gauges of a batch.
pub async fn resources_of(services: &Services, batch: Batch) -> ApiResult<BatchResourcesOut> {
    let rows = newest(&services.store, &batch.id, 100, services.clock.now()).await?;
    let snapshots = rows.iter().map(card).collect();
    Ok(BatchResourcesOut {
        host: batch.host.unwrap_or_default(),
        snapshots,
    })
}

fn gauges(row: &Row) -> Map<String, Value> {
    serde_json::from_str(row.record.data.get()).unwrap_or_default()
}

/// A snapshot under the names the batch page reads.
fn card(row: &Row) -> Value {
    let data = gauges(row);
    let gauge = |name: &str| data.get(name).cloned().unwrap_or(Value::Null);
    let disk_free_gb = data
        .get("disk_free_mb")
        .and_then(Value::as_f64)
        .map(|mb| (mb / 1024.0 * 100.0).round() / 100.0);
    json!({
        "ts": row.record.time,
        "gpu_util": gauge("gpu_util_pct"),
        "vram_used_mb": gauge("gpu_mem_mb"),
        "vram_total_mb": gauge("gpu_mem_total_mb"),
        "cpu_util": gauge("cpu_util_pct"),
        "ram_used_mb": gauge("ram_mb"),
        "ram_total_mb": gauge("ram_total_mb"),
        "disk_free_gb": disk_free_gb,
        "proc_cpu_pct": gauge("proc_cpu_pct"),
        "proc_ram_mb": gauge("proc_ram_mb"),
        "proc_gpu_mem_mb": gauge("proc_gpu_mem_mb"),
        "gpus": gpus::shown(&data),
    })
}

/// A snapshot under the names of the host API.
pub fn snapshot(row: &Row) -> ResourceSnapshotOut {
    ResourceSnapshotOut {
        id: row.id,
        host: row.record.host.clone().unwrap_or(UNKNOWN_HOST.to_owned()),
        timestamp: row.record.time.clone(),
        gauges: Gauges::read(&gauges(row)),
    }
}
