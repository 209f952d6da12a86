//! `GET /api/stats/gpu-hours-by-user`: who used how much.

use crate::seen::Seen;
use axum::Json;
use axum::extract::State;
use domain::figures::rounded;
use domain::usage::{Usage, by_owner};
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, Params, Scope, Sight};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Users looked up at the same time.
const SIDE_BY_SIDE: usize = 8;

/// What somebody's jobs used.
#[derive(Debug, Serialize, ToSchema)]
pub struct GpuHoursRow {
    /// Who.
    pub user_id: u64,
    /// Their name.
    pub username: String,
    /// Hours times GPUs, four decimals.
    pub gpu_hours: f64,
    /// Jobs counted.
    pub job_count: usize,
}

impl GpuHoursRow {
    fn new(user_id: u64, username: String, used: Usage) -> Self {
        Self {
            user_id,
            username,
            gpu_hours: rounded(used.gpu_seconds / 3600.0, 4),
            job_count: used.jobs,
        }
    }
}

/// Lists who used how many GPU hours, most first. Administrators see everybody with jobs, others
/// only themselves.
#[utoipa::path(get, path = "/api/stats/gpu-hours-by-user", tag = "stats",
    params(("days" = Option<i64>, Query, description = "1..365, default 30")),
    responses((status = 200, body = Vec<GpuHoursRow>), (status = 422, description = "days")))]
pub async fn gpu_hours_by_user(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<Json<Vec<GpuHoursRow>>> {
    let days = params.integer("days", 30, 1..=365)?;
    let since = services.clock.now().plus_secs(-days * DAY);
    let me = caller.user.id;
    let scope = match caller.user.is_admin {
        true => Scope::All,
        false => Scope::Mine,
    };
    let mut sight = Sight::load(&services.store, Some(caller.actor())).await?;
    let seen = Seen::load(&services, &mut sight).await?;
    let used = by_owner(seen.parts(scope, me), since);
    if !caller.user.is_admin {
        let used = used.get(&me).copied().unwrap_or_default();
        let name = caller.user.username.clone();
        return Ok(Json(vec![GpuHoursRow::new(me, name, used)]));
    }
    let store = &services.store;
    let rows = iter(used).map(|(id, used)| async move {
        let user = store.user(id).await?;
        Ok::<_, ApiError>(user.map(|user| GpuHoursRow::new(id, user.value.username, used)))
    });
    let rows: Vec<Option<GpuHoursRow>> = rows.buffered(SIDE_BY_SIDE).try_collect().await?;
    let mut rows: Vec<GpuHoursRow> = rows.into_iter().flatten().collect();
    rows.sort_by(|a, b| {
        let by_hours = b.gpu_hours.total_cmp(&a.gpu_hours);
        by_hours.then_with(|| a.username.cmp(&b.username))
    });
    Ok(Json(rows))
}
