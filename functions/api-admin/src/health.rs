//! `GET /api/admin/health`: whether everything works, at one look.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use runtime::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::{Store, StoreError};
use utoipa::ToSchema;
use web::{Admin, ApiResult};

/// An object nobody makes: that there is none is an answer too.
const PROBE: &str = "artifacts/probe";
/// Longest wait for one part.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a part answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartOut {
    /// It answers.
    pub ok: bool,
    /// Milliseconds it took.
    pub latency_ms: f64,
    /// What is wrong.
    pub error: Option<String>,
}

/// The last run of a scheduled function.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunOut {
    /// Which function.
    pub name: String,
    /// When it ended.
    pub at: String,
    /// Seconds ago.
    pub age_s: f64,
    /// What it did: counts by name.
    pub report: BTreeMap<String, u64>,
}

/// State of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdminHealthOut {
    /// Version of the server.
    pub version: &'static str,
    /// Its time.
    pub now: String,
    /// The table.
    pub table: PartOut,
    /// The bucket.
    pub bucket: PartOut,
    /// Rows that wait, by queue: `outbox`, `dead_letters`, `spills`. 10000 stands for that many or
    /// more; a queue that cannot be read is left out.
    pub queues: BTreeMap<&'static str, usize>,
    /// Last runs of scheduled functions.
    pub runs: Vec<RunOut>,
}

/// Shows whether everything works. It answers also when something does not.
#[utoipa::path(get, path = "/api/admin/health", tag = "admin",
    responses((status = 200, body = AdminHealthOut), (status = 403, description = "not an administrator")))]
pub async fn show_health(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<AdminHealthOut>> {
    let (store, now) = (&services.store, services.clock.now());
    let (table, bucket) = parts(store).await;
    let queues = store.queue_depths().await.into_iter();
    let runs = store.runs().await.unwrap_or_default().into_iter();
    let runs = runs.map(|run| RunOut {
        name: run.name,
        at: run.at.to_text(),
        age_s: now.secs_since(run.at),
        report: run.report,
    });
    Ok(Json(AdminHealthOut {
        version: env!("CARGO_PKG_VERSION"),
        now: now.to_text(),
        table,
        bucket,
        queues: queues.collect(),
        runs: runs.collect(),
    }))
}

/// Whether requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadyOut {
    /// `ready` or `unavailable`.
    pub status: &'static str,
    /// The table answers.
    pub table: bool,
    /// The bucket answers.
    pub bucket: bool,
}

/// Says whether table and bucket can be reached; why not is for the log and administrators.
#[utoipa::path(get, path = "/health/ready", tag = "meta",
    responses((status = 200, body = ReadyOut), (status = 503, body = ReadyOut, description = "not now")))]
pub async fn ready(State(services): State<Services>) -> (StatusCode, Json<ReadyOut>) {
    let (table, bucket) = parts(&services.store).await;
    for (name, part) in [("table", &table), ("bucket", &bucket)] {
        if let Some(cause) = &part.error {
            tracing::warn!(part = name, cause, "a part of storage does not answer");
        }
    }
    let status = match table.ok && bucket.ok {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let out = ReadyOut {
        status: if status.is_success() {
            "ready"
        } else {
            "unavailable"
        },
        table: table.ok,
        bucket: bucket.ok,
    };
    (status, Json(out))
}

async fn parts(store: &Store) -> (PartOut, PartOut) {
    let table = probe(async { store.runs().await.map(drop) });
    let bucket = probe(async { store.blobs.head(PROBE).await.map(drop) });
    futures::join!(table, bucket)
}

async fn probe(part: impl Future<Output = Result<(), StoreError>>) -> PartOut {
    let begin = Instant::now();
    let error = match tokio::time::timeout(PATIENCE, part).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("no answer in time".to_owned()),
    };
    PartOut {
        ok: error.is_none(),
        latency_ms: begin.elapsed().as_secs_f64() * 1000.0,
        error,
    }
}
