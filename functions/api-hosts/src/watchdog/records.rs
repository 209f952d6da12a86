//! `GET /api/hosts/{host}/watchdog/records`: what watchdogs on a host reported.

use super::show;
use axum::extract::State;
use axum::response::Response;
use domain::time::Timestamp;
use domain::watchdog::{Record, RecordKind};
use runtime::Services;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use web::page::{decode_cursor, page};
use web::{ApiError, ApiResult, Caller, Invalid, Params, PathParams, watchdogs};
use wire::Code;

/// A record.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchdogRecordOut {
    /// The watchdog's own id for it.
    pub id: String,
    /// `snapshot`, `problem`, `action`, `ask`, `transcript` or `summary`.
    pub kind: &'static str,
    /// When, by the host's clock.
    pub ts: String,
    /// Agent that reported it.
    pub agent_id: String,
    /// The rest.
    pub data: Value,
}

/// Lists what one watchdog on a host reported, newest first. Transcripts and what it asks leave for
/// are shown to its owner and administrators only.
#[utoipa::path(get, path = "/api/hosts/{host}/watchdog/records", tag = "watchdog",
    params(("host" = String, Path),
        ("agent_id" = Option<String>, Query, description = "default: the one heard of last"),
        ("kind" = Option<String>, Query, description = "comma list; default: all"),
        ("since" = Option<String>, Query, description = "RFC 3339, or <n>m, h, d"),
        ("limit" = Option<i64>, Query, description = "1..500, default 100"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<WatchdogRecordOut>), (status = 404, description = "no such host"),
        (status = 422, description = "parameters")))]
pub async fn host_records(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let (host, now) = (path.text(0), services.clock.now());
    let limit = params.integer("limit", 100, 1..=500)? as usize;
    let before = decode_cursor(params.text("cursor"))?;
    let since = since(&params, now)?;
    let mut kinds = kinds(&params)?;
    let seen = watchdogs::seen(&services, &caller, host).await?;
    let wanted = params.text("agent_id");
    let dog = match wanted {
        Some(agent) => seen.into_iter().find(|dog| dog.agent == agent),
        None => seen.into_iter().max_by_key(|dog| dog.last_seen),
    };
    let Some(dog) = dog else {
        return match wanted {
            Some(_) => Err(ApiError::new(Code::AgentNotFound)),
            None => Ok(page(Vec::<WatchdogRecordOut>::new(), None)),
        };
    };
    if !show::may_edit(&caller, &dog) {
        kinds.retain(|kind| !kind.is_private());
        if kinds.is_empty() {
            return Err(ApiError::new(Code::WatchdogForeign));
        }
    }
    let of = (dog.owner, dog.host.as_str());
    let span = (since, before.as_deref());
    let (found, next) = services.store.records(of, &kinds, span, limit, now).await?;
    let rows: Vec<WatchdogRecordOut> = found.into_iter().map(row).collect();
    Ok(page(rows, next.as_deref()))
}

fn since(params: &Params, now: Timestamp) -> ApiResult<Option<Timestamp>> {
    let Some(text) = params.text("since").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let found = Timestamp::parse(text).or_else(|| Timestamp::back(text, now));
    found.map(Some).ok_or_else(|| {
        let msg = "Input should be an RFC 3339 instant or a span like 24h";
        Invalid::at(&["query", "since"], "value_error", msg, json!(text)).into()
    })
}

fn kinds(params: &Params) -> ApiResult<Vec<RecordKind>> {
    let Some(text) = params.text("kind").filter(|text| !text.is_empty()) else {
        return Ok(RecordKind::ALL.to_vec());
    };
    let read = |word: &str| {
        RecordKind::parse(word.trim()).ok_or_else(|| {
            let msg = "No known kind of record";
            Invalid::at(&["query", "kind"], "enum", msg, json!(word)).into()
        })
    };
    text.split(',').map(read).collect()
}

fn row(record: Record) -> WatchdogRecordOut {
    WatchdogRecordOut {
        id: record.id,
        kind: record.kind.as_str(),
        ts: record.at.to_text(),
        agent_id: record.agent,
        data: serde_json::from_str(&record.data_json).unwrap_or(Value::Null),
    }
}
