//! `GET /api/batches`: the caller's batches, newest start first.

use crate::filter::{Filter, Owners};
use crate::view::BatchOut;
use axum::extract::State;
use axum::response::Response;
use domain::batch::Batch;
use runtime::Services;
use store::Versioned;
use web::page::{decode_cursor, page};
use web::{ApiError, ApiResult, Params, Scope, Sight, Viewer, Visitor};
use wire::Code;

/// Rows looked at for one page at most; a sparse filter answers with a cursor instead of
/// reading on.
const LOOKED_AT: usize = 5000;
/// Rows read at once.
const STEP: usize = 200;

/// What the caller asked for.
pub struct Wanted {
    filter: Filter,
    scope: Scope,
    limit: usize,
    cursor: Option<String>,
}

impl Wanted {
    /// Reads the query.
    pub fn read(params: &Params, services: &Services) -> ApiResult<Self> {
        Ok(Self {
            filter: Filter::read(params, services.clock.now())?,
            scope: scope(params)?,
            limit: params.integer("limit", 50, 1..=500)? as usize,
            cursor: decode_cursor(params.text("cursor"))?,
        })
    }
}

fn scope(params: &Params) -> ApiResult<Scope> {
    let word = params.choice("scope", &["all", "mine", "shared", "public"])?;
    Ok(match word {
        "mine" => Scope::Mine,
        "shared" => Scope::Shared,
        "public" => Scope::Public,
        _ => Scope::All,
    })
}

/// Batches of a list, each with the position after it.
pub type Placed = Vec<(Versioned<Batch>, String)>;

/// One page of batches, and the position to go on from, if there may be more.
pub async fn find(
    services: &Services,
    who: &impl Viewer,
    wanted: &Wanted,
) -> ApiResult<(Placed, Option<String>)> {
    let filter = &wanted.filter;
    let mut sight = Sight::load(&services.store, who.viewer()).await?;
    let lists = sight.lists(filter.project.as_deref(), wanted.scope).await?;
    if lists.is_empty() {
        return match who.viewer() {
            Some(_) => Ok((vec![], None)),
            None => Err(ApiError::new(Code::AuthRequired)),
        };
    }
    let mut owners = Owners::default();
    let mut found = Vec::new();
    let mut position = wanted.cursor.clone();
    let mut looked_at = 0;
    loop {
        let step = STEP.min(LOOKED_AT - looked_at).max(1);
        let (rows, next) = services
            .store
            .list_batches(&lists, position.as_deref(), step)
            .await?;
        looked_at += step;
        let (positions, batches): (Vec<String>, Vec<Versioned<Batch>>) = rows.into_iter().unzip();
        let jobs = match filter.asks_about_jobs() {
            true => services.store.live_jobs(&batches).await?,
            false => vec![],
        };
        for (i, (at, batch)) in positions.into_iter().zip(batches).enumerate() {
            // Starts descend, so nothing older than `since` follows.
            if filter
                .since
                .is_some_and(|since| batch.value.start_time.at < since)
            {
                return Ok((found, None));
            }
            let owner = owners.of(services, filter, &batch.value).await?;
            let jobs = jobs.get(i).map(|jobs| jobs.as_ref());
            if filter.lists_batch(&batch.value, jobs, owner)
                && sight.in_scope(&batch.value, wanted.scope).await?
            {
                found.push((batch, at));
                if found.len() == wanted.limit {
                    let last = found.last().map(|(_, at)| at.clone());
                    return Ok((found, last));
                }
            }
        }
        if next.is_none() || looked_at >= LOOKED_AT {
            return Ok((found, next));
        }
        position = next;
    }
}

/// Lists batches. The header `x-next-cursor` leads to the next page.
#[utoipa::path(get, path = "/api/batches", tag = "batches",
    params(("user" = Option<String>, Query), ("project" = Option<String>, Query),
        ("status" = Option<String>, Query), ("host" = Option<String>, Query),
        ("owner" = Option<String>, Query, description = "user name or id"),
        ("tag" = Option<String>, Query, description = "comma list, all must be there"),
        ("text" = Option<String>, Query, description = "looked for in names, hosts and tags"),
        ("q" = Option<String>, Query, description = "query, e.g. `status:failed (model:a OR model:b) val_mse<0.4`"),
        ("since" = Option<String>, Query), ("until" = Option<String>, Query),
        ("scope" = Option<String>, Query, description = "all, mine, shared, public"),
        ("limit" = Option<i64>, Query, description = "1..500, default 50"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<BatchOut>), (status = 422, description = "parameters")))]
pub async fn list_batches(
    State(services): State<Services>,
    caller: Visitor,
    params: Params,
) -> ApiResult<Response> {
    let wanted = Wanted::read(&params, &services)?;
    let (batches, next) = find(&services, &caller, &wanted).await?;
    let rows = batches
        .into_iter()
        .map(|(batch, _)| BatchOut::row(batch.value));
    let rows: Vec<BatchOut> = rows.collect();
    Ok(page(rows, next.as_deref()))
}
