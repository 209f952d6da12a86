//! `POST /api/watchdog/reports`: what a watchdog saw and did.

use super::heartbeat::fresh;
use crate::refused::refused;
use axum::Json;
use axum::extract::State;
use domain::limits::{HOST_CHARS, WATCHDOG_RECORD_BYTES, WATCHDOG_RECORDS};
use domain::notice::{Notice, NoticeKind};
use domain::time::Timestamp;
use domain::watchdog::{LastProblem, Record, RecordKind};
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::StoreError;
use store::notices::notice_write;
use store::table::Write;
use utoipa::ToSchema;
use web::{AgentCaller, ApiResult, Body, Invalid};

/// Characters of an id.
const ID_CHARS: usize = 64;
/// Problems of one report people are told of.
const TOLD: usize = 10;

/// A report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchdogReportIn {
    /// Host.
    host: String,
    /// Which start of the machine.
    #[serde(default)]
    #[allow(
        dead_code,
        reason = "hosts send it; two starts differ in their records' times"
    )]
    boot_id: Option<String>,
    /// At most 500 records.
    items: Vec<WatchdogRecordIn>,
}

/// Something seen or done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchdogRecordIn {
    /// The watchdog's own id for it; a repeat is recognised by it.
    id: String,
    /// `snapshot`, `problem`, `action`, `ask`, `transcript` or `summary`.
    kind: String,
    /// RFC 3339, by the host's clock.
    ts: String,
    /// The rest.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// What was new.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchdogReportOut {
    /// Stored now.
    pub accepted: usize,
    /// Stored before.
    pub duplicates: usize,
}

/// Stores what a watchdog saw and did. Critical problems, and actions it asks leave for, are told
/// to its owner.
#[utoipa::path(post, path = "/api/watchdog/reports", tag = "watchdog", request_body = WatchdogReportIn,
    responses((status = 200, body = WatchdogReportOut), (status = 401, description = "no agent's token"),
        (status = 422, description = "invalid body")))]
pub async fn report(
    State(services): State<Services>,
    caller: AgentCaller,
    Body(report): Body<WatchdogReportIn>,
) -> ApiResult<Json<WatchdogReportOut>> {
    let (store, now) = (&services.store, services.clock.now());
    let host = report.host.trim().to_owned();
    Invalid::check_chars("host", Some(&host), HOST_CHARS)?;
    if report.items.len() > WATCHDOG_RECORDS {
        let msg = format!("At most {WATCHDOG_RECORDS} records");
        return Err(refused(&["items"], msg));
    }
    let agent = caller.agent();
    let read = |(i, item)| record(i, item, &agent.id, now);
    let records: Vec<Record> = report
        .items
        .into_iter()
        .enumerate()
        .map(read)
        .collect::<Result<_, _>>()?;
    let sent = records.len();
    let new = store.add_records(agent.user_id, &host, records).await?;
    let last = new
        .iter()
        .filter_map(problem)
        .max_by_key(|problem| problem.at);
    let notices = notices(&services, &new, &host, agent.user_id, now)?;
    let fresh = fresh(&caller, &host, now);
    let noted = store.update_watchdog(&fresh, &notices, |dog| {
        dog.last_seen = now;
        let known = dog.last_problem.as_ref().map(|known| known.at);
        if last.as_ref().map(|last| last.at) > known {
            dog.last_problem.clone_from(&last);
        }
    });
    noted.await?;
    Ok(Json(WatchdogReportOut {
        accepted: new.len(),
        duplicates: sent - new.len(),
    }))
}

fn record(i: usize, item: WatchdogRecordIn, agent: &str, now: Timestamp) -> ApiResult<Record> {
    let at = i.to_string();
    let refused = |field: &str, msg: &str| refused(&["items", &at, field], msg);
    if item.id.is_empty() || item.id.chars().count() > ID_CHARS {
        return Err(refused("id", "1 to 64 characters"));
    }
    let kind = RecordKind::parse(&item.kind);
    let kind = kind.ok_or_else(|| refused("kind", "No known kind of record"))?;
    let time = Timestamp::parse(&item.ts);
    let time = time.ok_or_else(|| refused("ts", "Input should be an RFC 3339 instant"))?;
    let data_json = Value::Object(item.data).to_string();
    if data_json.len() > WATCHDOG_RECORD_BYTES {
        return Err(refused("data", "Too long"));
    }
    Ok(Record {
        id: item.id,
        kind,
        at: time,
        data_json,
        agent: agent.to_owned(),
        received_at: now,
    })
}

fn data(record: &Record) -> Value {
    serde_json::from_str(&record.data_json).unwrap_or(json!({}))
}

fn word(data: &Value, name: &str) -> String {
    data.get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn problem(record: &Record) -> Option<LastProblem> {
    if record.kind != RecordKind::Problem {
        return None;
    }
    let data = data(record);
    let description = word(&data, "description").chars().take(300).collect();
    Some(LastProblem {
        at: record.at,
        severity: word(&data, "severity"),
        kind: word(&data, "type"),
        description,
    })
}

/// Messages to the owner: of what is critical and was not told before, and of what waits for leave.
fn notices(
    services: &Services,
    new: &[Record],
    host: &str,
    owner: u64,
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let mut writes = vec![];
    for record in new {
        let data = data(record);
        let is_urgent =
            word(&data, "severity") == "critical" && word(&data, "action_result") != "suppressed";
        let told = match record.kind {
            RecordKind::Problem if is_urgent => {
                let action = word(&data, "action_taken");
                (
                    word(&data, "severity"),
                    word(&data, "type"),
                    word(&data, "description"),
                    action,
                )
            }
            RecordKind::Ask => {
                let wish = format!("{} {}", word(&data, "action"), word(&data, "target"));
                (
                    "ask".to_owned(),
                    wish,
                    word(&data, "reason"),
                    "waits for your word".to_owned(),
                )
            }
            _ => continue,
        };
        let runs = data
            .get("runs")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let words = [
            ("host.name", host),
            ("host.severity", &told.0),
            ("host.problem", &told.1),
            ("host.description", &told.2),
            ("host.action", &told.3),
            ("host.runs", &runs.to_string()),
        ];
        let notice = Notice::of_host(NoticeKind::HostTrouble, &words, now);
        let row = services.store.row_ids.take(now, 1);
        writes.push(notice_write(row, &notice, Some(owner))?);
        if writes.len() >= TOLD {
            break;
        }
    }
    Ok(writes)
}
