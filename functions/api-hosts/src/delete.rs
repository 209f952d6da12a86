//! `DELETE /api/hosts/{host}`: takes a host off every list.

use axum::Json;
use axum::extract::State;
use domain::host::is_quiet;
use domain::limits::HOST_QUIET_SECS;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use store::table::Write;
use store::{Store, StoreError};
use utoipa::ToSchema;
use web::{Admin, ApiError, ApiResult, ClientInfo, Deed, PathParams};
use wire::Code;

/// The hidden host.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostDeletedOut {
    /// Always `deleted`.
    pub status: &'static str,
    /// Which.
    pub host: String,
}

/// Hides a host for good; later snapshots do not bring it back. Its batches keep their data.
#[utoipa::path(delete, path = "/api/hosts/{host}", tag = "hosts",
    params(("host" = String, Path)),
    responses((status = 200, body = HostDeletedOut), (status = 403, description = "not an administrator"),
        (status = 409, description = "it reported within the last ten minutes")))]
pub async fn delete_host(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<HostDeletedOut>> {
    let host = path.text(0).to_owned();
    let deed = Deed::new("host_deleted", "host", &host);
    hide(&services, &host, deed.row(&services, &admin, &client)?).await?;
    Ok(Json(HostDeletedOut {
        status: "deleted",
        host,
    }))
}

/// Hides a host that is quiet, with the audit row.
pub async fn hide(services: &Services, host: &str, row: Write) -> ApiResult<()> {
    let now = services.clock.now();
    let last = last_snapshot(&services.store, host, now).await?;
    if last.is_some_and(|at| !is_quiet(at, now)) {
        let minutes = (HOST_QUIET_SECS / 60).to_string();
        return Err(ApiError::with(Code::HostActive, [host, &minutes]));
    }
    Ok(services.store.hide_host(host, now, row).await?)
}

/// Arrival of the newest snapshot of a host, whoever reported it.
async fn last_snapshot(
    store: &Store,
    host: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut last = None;
    for entry in store.owners_of_host(host).await? {
        // "Last seen" is a minute coarse; the chunk knows it exactly.
        let newest = store.newest_snapshots(&entry.of, None, 1, now).await?;
        let arrived = newest.first().map(|chunk| chunk.received_at);
        last = last.max(Some(entry.last_seen)).max(arrived);
    }
    Ok(last)
}
