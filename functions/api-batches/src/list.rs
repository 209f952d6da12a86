//! `GET /api/batches`: the caller's batches, newest start first.

use crate::view::BatchOut;
use axum::extract::State;
use axum::response::Response;
use domain::access;
use domain::batch::Batch;
use domain::time::Timestamp;
use runtime::{Identity, Services};
use serde_json::json;
use store::batches::BatchList;
use web::page::{decode_cursor, page};
use web::{ApiError, ApiResult, Caller, Invalid, Params};

/// Rows looked at for one page at most; a sparse filter answers with a cursor instead of
/// reading on.
const LOOKED_AT: usize = 5000;
/// Rows read at once.
const STEP: usize = 200;

/// What the caller asked for.
pub struct Filter {
    user: Option<String>,
    project: Option<String>,
    status: Option<String>,
    since: Option<Timestamp>,
    scope: &'static str,
    /// Rows wanted.
    pub limit: usize,
    cursor: Option<String>,
}

impl Filter {
    /// Reads the query.
    pub fn read(params: &Params) -> ApiResult<Self> {
        let text = |name| params.text(name).map(str::to_owned);
        let since = match params.text("since").filter(|t| !t.is_empty()) {
            None => None,
            Some(text) => Some(instant(text).ok_or_else(|| {
                let msg = "Input should be an RFC 3339 instant or a date";
                let problem =
                    Invalid::at(&["query", "since"], "datetime_parsing", msg, json!(text));
                ApiError::invalid(&[problem])
            })?),
        };
        Ok(Self {
            user: text("user"),
            project: text("project"),
            status: text("status"),
            since,
            scope: params.choice("scope", &["all", "mine", "shared", "public"])?,
            limit: params.integer("limit", 50, 1..=500)? as usize,
            cursor: decode_cursor(params.text("cursor"))?,
        })
    }

    fn list(&self, who: &Identity) -> Option<BatchList> {
        match self.scope {
            "all" if who.user.is_admin => Some(BatchList::All),
            "all" | "mine" => Some(BatchList::Of(who.user.id)),
            // Nothing is shared or public before somebody shares it.
            _ => None,
        }
    }

    fn matches(&self, batch: &Batch) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|w| is == Some(w))
        };
        same(&self.user, batch.user.as_deref())
            && same(&self.project, Some(&batch.project))
            && same(&self.status, Some(batch.status.as_str()))
            && self.since.is_none_or(|since| batch.start_time.at >= since)
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
}

/// One page of batches with the position after it, if there may be more.
pub async fn find(
    services: &Services,
    who: &Identity,
    filter: &Filter,
) -> ApiResult<(Vec<Batch>, Option<String>)> {
    let Some(list) = filter.list(who) else {
        return Ok((vec![], None));
    };
    let mut found = Vec::new();
    let mut position = filter.cursor.clone();
    let mut looked_at = 0;
    loop {
        let step = STEP.min(LOOKED_AT - looked_at).max(1);
        let rows = services
            .store
            .list_batches(list, position.as_deref(), step)
            .await?;
        let last_page = rows.len() < step;
        looked_at += rows.len();
        for (at, batch) in rows {
            // Starts descend, so nothing older than `since` follows.
            if filter
                .since
                .is_some_and(|since| batch.start_time.at < since)
            {
                return Ok((found, None));
            }
            position = Some(at);
            if access::may_read(who.actor(), &batch) && filter.matches(&batch) {
                found.push(batch);
                if found.len() == filter.limit {
                    return Ok((found, position));
                }
            }
        }
        if last_page {
            return Ok((found, None));
        }
        if looked_at >= LOOKED_AT {
            return Ok((found, position));
        }
    }
}

/// Lists batches. The header `x-next-cursor` leads to the next page.
#[utoipa::path(get, path = "/api/batches", tag = "batches",
    params(("user" = Option<String>, Query), ("project" = Option<String>, Query),
        ("status" = Option<String>, Query), ("since" = Option<String>, Query),
        ("scope" = Option<String>, Query, description = "all, mine, shared, public"),
        ("limit" = Option<i64>, Query, description = "1..500, default 50"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<BatchOut>), (status = 422, description = "parameters")))]
pub async fn list_batches(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Response> {
    let filter = Filter::read(&params)?;
    let (batches, next) = find(&services, &caller, &filter).await?;
    let rows: Vec<BatchOut> = batches.into_iter().map(BatchOut::row).collect();
    Ok(page(rows, next.as_deref()))
}
