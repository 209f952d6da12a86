//! `GET /api/resources`: snapshots of the caller's hosts.

use axum::extract::State;
use axum::response::Response;
use domain::time::Timestamp;
use runtime::Services;
use serde_json::json;
use web::known_hosts;
use web::page::{decode_cursor, page};
use web::snapshots::{self, Snapshot, Wish};
use web::{ApiError, ApiResult, Caller, Invalid, Params};
use wire::Code;
use wire::snapshot::ResourceSnapshotOut;

/// Lists snapshots, newest first. The header `x-next-cursor` leads to older ones.
#[utoipa::path(get, path = "/api/resources", tag = "hosts",
    params(("host" = Option<String>, Query),
        ("since" = Option<String>, Query, description = "client's time, inclusive"),
        ("limit" = Option<i64>, Query, description = "1..5000, default 500"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<ResourceSnapshotOut>), (status = 422, description = "parameters")))]
pub async fn list_resources(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Response> {
    let wish = Wish {
        since: since(&params)?,
        before: row_cursor(&params)?,
        limit: params.integer("limit", 500, 1..=5000)? as usize,
    };
    let hosts = match params.text("host") {
        Some(host) => known_hosts::find(&services, &caller, host).await?,
        None => {
            let all = known_hosts::all(&services, &caller).await?;
            all.into_values().flatten().collect()
        }
    };
    let (rows, next) =
        snapshots::newest(&services.store, &hosts, &wish, services.clock.now()).await?;
    let rows: Vec<ResourceSnapshotOut> = rows.into_iter().map(Snapshot::view).collect();
    Ok(page(rows, next.map(|id| id.to_string()).as_deref()))
}

fn since(params: &Params) -> ApiResult<Option<Timestamp>> {
    let Some(text) = params.text("since").filter(|t| !t.trim().is_empty()) else {
        return Ok(None);
    };
    match Timestamp::parse(text) {
        Some(at) => Ok(Some(at)),
        None => {
            let msg = "Input should be an RFC 3339 instant";
            let loc = ["query", "since"];
            let problem = Invalid::at(&loc, "datetime_parsing", msg, json!(text));
            Err(ApiError::invalid(&[problem]))
        }
    }
}

fn row_cursor(params: &Params) -> ApiResult<Option<u64>> {
    decode_cursor(params.text("cursor"))?
        .map(|text| text.parse().map_err(|_| ApiError::new(Code::CursorInvalid)))
        .transpose()
}
