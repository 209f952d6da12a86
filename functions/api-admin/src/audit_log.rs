//! `/api/admin/audit-log`: who did what, newest first, over all months.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::time::Timestamp;
use runtime::Services;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::audit::AuditRow;
use store::{Store, StoreError};
use utoipa::ToSchema;
use web::csv::{Cell, lines};
use web::page::{decode_cursor, page};
use web::{Admin, ApiError, ApiResult, Invalid, Params};
use wire::Code;

/// Rows read together.
const PAGE: usize = 500;
/// Rows one page looks at; a rare search goes on by its cursor.
const LOOKED: usize = 20_000;
/// Months without a single row after which there are none further back.
const SILENT_MONTHS: usize = 24;
/// Most rows of one export.
const EXPORTED: usize = 1_000_000;

/// One thing done.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLogOut {
    /// Id.
    pub id: u64,
    /// Who; null when nobody was logged in.
    pub user_id: Option<u64>,
    /// The word for what was done.
    pub action: String,
    /// Kind of thing it was done to.
    pub target_type: Option<String>,
    /// Its id.
    pub target_id: Option<String>,
    /// Particulars; null when there are none.
    pub metadata: Option<BTreeMap<String, String>>,
    /// When.
    pub timestamp: String,
    /// From where.
    pub ip_address: Option<String>,
}

impl From<AuditRow> for AuditLogOut {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            action: row.action,
            target_type: Some(row.target_type).filter(|text| !text.is_empty()),
            target_id: Some(row.target_id).filter(|text| !text.is_empty()),
            metadata: Some(row.metadata).filter(|map| !map.is_empty()),
            timestamp: row.at.to_text(),
            ip_address: row.ip,
        }
    }
}

/// Which rows.
#[derive(Clone)]
struct Wanted {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    user: Option<u64>,
    action: Option<String>,
    target_type: Option<String>,
    target: Option<String>,
    ip: Option<String>,
}

impl Wanted {
    fn read(params: &Params) -> ApiResult<Self> {
        let text = |name| {
            params
                .text(name)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
        };
        let user = params.optional_integer("user_id", 0..=i64::MAX)?;
        Ok(Self {
            since: instant(params, "since")?,
            until: instant(params, "until")?,
            user: user.and_then(|id| u64::try_from(id).ok()),
            action: text("action"),
            target_type: text("target_type"),
            target: text("target_id"),
            ip: text("ip"),
        })
    }

    fn has(&self, row: &AuditRow) -> bool {
        let fits = |wish: &Option<String>, is: &str| wish.as_deref().is_none_or(|w| w == is);
        self.since.is_none_or(|since| row.at >= since)
            && self.until.is_none_or(|until| row.at <= until)
            && self.user.is_none_or(|user| row.user_id == Some(user))
            && fits(&self.action, &row.action)
            && fits(&self.target_type, &row.target_type)
            && fits(&self.target, &row.target_id)
            && fits(&self.ip, row.ip.as_deref().unwrap_or_default())
    }
}

fn instant(params: &Params, name: &'static str) -> ApiResult<Option<Timestamp>> {
    let Some(text) = params.text(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match Timestamp::parse(text) {
        Some(at) => Ok(Some(at)),
        None => {
            let msg = "Input should be an RFC 3339 instant";
            let problem = Invalid::at(&["query", name], "datetime_parsing", msg, json!(text));
            Err(problem.into())
        }
    }
}

/// A walk back through the months.
struct Walk {
    month: String,
    before: Option<u64>,
    oldest: Option<String>,
    silent: usize,
    is_over: bool,
}

impl Walk {
    /// From the newest row on, or from below a position `month#id`.
    fn begin(now: Timestamp, wanted: &Wanted, from: Option<String>) -> ApiResult<Self> {
        let newest = wanted.until.map_or(now, |until| until.min(now));
        let (month, before) = match from {
            None => (month_of(newest), None),
            Some(text) => {
                let invalid = || ApiError::new(Code::CursorInvalid);
                let (month, id) = text.split_once('#').ok_or_else(invalid)?;
                let before = match id {
                    "" => None,
                    id => Some(id.parse().map_err(|_| invalid())?),
                };
                // What cannot be counted down from is none of ours.
                previous(month).ok_or_else(invalid)?;
                (month.to_owned(), before)
            }
        };
        Ok(Self {
            month,
            before,
            oldest: wanted.since.map(month_of),
            silent: 0,
            is_over: false,
        })
    }

    /// The next rows; nothing when the log is over.
    async fn next(&mut self, store: &Store) -> Result<Vec<AuditRow>, StoreError> {
        while !self.is_over {
            let rows = store
                .audit_rows_before(&self.month, self.before, PAGE)
                .await?;
            if let Some(last) = rows.last() {
                (self.before, self.silent) = (Some(last.id), 0);
                return Ok(rows);
            }
            self.silent += usize::from(self.before.is_none());
            let older = previous(&self.month);
            let begun = self
                .oldest
                .as_ref()
                .is_some_and(|oldest| *oldest >= self.month);
            match older.filter(|_| !begun && self.silent < SILENT_MONTHS) {
                Some(month) => (self.month, self.before) = (month, None),
                None => self.is_over = true,
            }
        }
        Ok(vec![])
    }

    fn position(&self) -> Option<String> {
        let id = self.before.map(|id| id.to_string()).unwrap_or_default();
        (!self.is_over).then(|| format!("{}#{id}", self.month))
    }
}

fn month_of(at: Timestamp) -> String {
    at.to_text().get(..7).unwrap_or("1970-01").to_owned()
}

/// The month before `2026-01`: `2025-12`.
fn previous(month: &str) -> Option<String> {
    let (year, month) = month.split_once('-')?;
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    match (year, month) {
        (1971..=9999, 1) => Some(format!("{:04}-12", year - 1)),
        (1970..=9999, 2..=12) => Some(format!("{year:04}-{:02}", month - 1)),
        _ => None,
    }
}

/// Lists what was done, newest first.
#[utoipa::path(get, path = "/api/admin/audit-log", tag = "admin",
    params(("since" = Option<String>, Query), ("until" = Option<String>, Query),
        ("user_id" = Option<u64>, Query), ("action" = Option<String>, Query),
        ("target_type" = Option<String>, Query), ("target_id" = Option<String>, Query),
        ("ip" = Option<String>, Query), ("limit" = Option<i64>, Query, description = "1 to 1000"),
        ("offset" = Option<i64>, Query), ("cursor" = Option<String>, Query, description = "of X-Next-Cursor")),
    responses((status = 200, body = [AuditLogOut]), (status = 403, description = "not an administrator"),
        (status = 422, description = "parameters")))]
pub async fn list_audit(
    State(services): State<Services>,
    _: Admin,
    params: Params,
) -> ApiResult<Response> {
    let limit = params.integer("limit", 100, 1..=1000)? as usize;
    let mut skip = params.integer("offset", 0, 0..=1_000_000)?;
    let wanted = Wanted::read(&params)?;
    let from = decode_cursor(params.text("cursor"))?;
    let mut walk = Walk::begin(services.clock.now(), &wanted, from)?;
    let (mut found, mut looked) = (Vec::new(), 0);
    'pages: while looked < LOOKED {
        let rows = walk.next(&services.store).await?;
        looked += rows.len().max(1);
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if !wanted.has(&row) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let id = row.id;
            found.push(AuditLogOut::from(row));
            if found.len() == limit {
                walk.before = Some(id);
                break 'pages;
            }
        }
    }
    Ok(page(found, walk.position().as_deref()))
}

/// Downloads what was done as a table, made while it is sent.
#[utoipa::path(get, path = "/api/admin/audit-log/export.csv", tag = "admin",
    params(("since" = Option<String>, Query), ("until" = Option<String>, Query),
        ("user_id" = Option<u64>, Query), ("action" = Option<String>, Query),
        ("target_type" = Option<String>, Query), ("target_id" = Option<String>, Query),
        ("ip" = Option<String>, Query)),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 403, description = "not an administrator"), (status = 422, description = "parameters")))]
pub async fn export_audit(
    State(services): State<Services>,
    _: Admin,
    params: Params,
) -> ApiResult<Response> {
    let wanted = Wanted::read(&params)?;
    let walk = Walk::begin(services.clock.now(), &wanted, None)?;
    let head = [
        "id",
        "timestamp",
        "user_id",
        "action",
        "target_type",
        "target_id",
        "ip_address",
        "metadata",
    ];
    let head = lines([head.iter().map(|name| Cell::text(name)).collect()]);
    let first = futures::stream::iter([Ok(head)]);
    let rest = futures::stream::try_unfold((walk, 0), move |(mut walk, sent)| {
        let (store, wanted) = (services.store.clone(), wanted.clone());
        async move {
            let rows = walk.next(&store).await?;
            if rows.is_empty() || sent >= EXPORTED {
                return Ok::<Option<(Bytes, (Walk, usize))>, StoreError>(None);
            }
            let count = sent + rows.len();
            let rows = rows.into_iter().filter(|row| wanted.has(row));
            Ok(Some((lines(rows.map(cells)), (walk, count))))
        }
    });
    let body = futures::StreamExt::chain(first, rest);
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit-log.csv\"",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn cells(row: AuditRow) -> Vec<Cell> {
    let number = |n: u64| Cell::text(&n.to_string());
    let more: Value = json!(row.metadata);
    vec![
        number(row.id),
        Cell::text(&row.at.to_text()),
        row.user_id.map_or_else(Cell::empty, number),
        Cell::text(&row.action),
        Cell::text(&row.target_type),
        Cell::text(&row.target_id),
        Cell::optional(row.ip.as_deref()),
        match row.metadata.is_empty() {
            true => Cell::empty(),
            false => Cell::text(&more.to_string()),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::previous;

    #[test]
    fn months_count_down_and_end() {
        assert_eq!(previous("2026-11").as_deref(), Some("2026-10"));
        assert_eq!(previous("2026-01").as_deref(), Some("2025-12"));
        for wrong in ["1970-01", "2026-13", "2026", "x-1", "99999-02"] {
            assert_eq!(previous(wrong), None, "{wrong}");
        }
    }
}
