//! `GET`, `PUT /api/hosts/{host}/rate`: what an hour of a host costs.

use axum::Json;
use axum::extract::State;
use domain::limits::HOURLY_USD;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use store::hosts::OwnedHost;
use utoipa::ToSchema;
use web::known_hosts;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid, PathParams};
use wire::Code;

/// What an hour of a host costs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostRateIn {
    /// US dollars, at most 10000; null takes it back.
    hourly_usd: Option<f64>,
    /// For the batches of everybody who says nothing else; administrators only.
    #[serde(default)]
    everybody: bool,
}

/// What an hour of a host costs the caller's batches.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostRateOut {
    /// Host.
    pub host: String,
    /// US dollars; null when nobody said.
    pub hourly_usd: Option<f64>,
}

/// Shows what an hour of a host costs the caller's batches: their own word, else an administrator's.
#[utoipa::path(get, path = "/api/hosts/{host}/rate", tag = "hosts",
    params(("host" = String, Path)),
    responses((status = 200, body = HostRateOut), (status = 404, description = "no such host")))]
pub async fn show_host_rate(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<HostRateOut>> {
    known_hosts::one(&services, &caller, path.text(0)).await?;
    rate(&services, &caller, path.text(0)).await
}

/// Sets what an hour of a host costs, for the caller's batches or for everybody's.
#[utoipa::path(put, path = "/api/hosts/{host}/rate", tag = "hosts",
    params(("host" = String, Path)), request_body = HostRateIn,
    responses((status = 200, body = HostRateOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such host"), (status = 422, description = "fields")))]
pub async fn set_host_rate(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<HostRateIn>,
) -> ApiResult<Json<HostRateOut>> {
    let host = path.text(0);
    known_hosts::one(&services, &caller, host).await?;
    if wish.everybody && !caller.user.is_admin {
        return Err(ApiError::new(Code::AdminRequired));
    }
    if let Some(usd) = wish.hourly_usd.filter(|usd| !HOURLY_USD.contains(usd)) {
        let msg = "Input should be between 0 and 10000";
        return Err(Invalid::at(&["body", "hourly_usd"], "value_error", msg, json!(usd)).into());
    }
    let user = (!wish.everybody).then_some(caller.user.id);
    let said = wish
        .hourly_usd
        .map_or("none".to_owned(), |usd| usd.to_string());
    let deed = Deed::new("host_rate_set", "host", host);
    let deed = deed
        .with("hourly_usd", said)
        .with("everybody", wish.everybody);
    let row = deed.row(&services, &caller, &client)?;
    let store = &services.store;
    store
        .set_host_rate(user, host, wish.hourly_usd, row)
        .await?;
    rate(&services, &caller, host).await
}

async fn rate(services: &Services, caller: &Caller, host: &str) -> ApiResult<Json<HostRateOut>> {
    let of = OwnedHost {
        owner: caller.user.id,
        host: host.to_owned(),
    };
    let wanted = BTreeSet::from([of.clone()]);
    let rates = services.store.host_rates(&wanted).await?;
    let hourly_usd = rates.get(&of).copied();
    Ok(Json(HostRateOut {
        host: of.host,
        hourly_usd,
    }))
}
