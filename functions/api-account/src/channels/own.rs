//! `/api/me/channels`: the caller's own channels.

use super::holder::Holder;
use super::view::{ChannelCreatedOut, ChannelMessageOut, ChannelOut};
use super::wish::{ChannelIn, ChannelPatchIn, ReplayIn};
use super::{ReplayedOut, page_of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use runtime::Services;
use web::{ApiResult, Body, Caller, ClientInfo, Params, PathParams};

/// Lists the caller's channels, oldest first.
#[utoipa::path(get, path = "/api/me/channels", tag = "notifications",
    responses((status = 200, body = Vec<ChannelOut>)))]
pub async fn list_channels(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ChannelOut>>> {
    let holder = Holder::own(&services, &caller);
    Ok(Json(holder.list().await?))
}

/// Adds a channel.
#[utoipa::path(post, path = "/api/me/channels", tag = "notifications",
    request_body = ChannelIn,
    responses((status = 201, body = ChannelCreatedOut), (status = 409, description = "too many channels"),
        (status = 422, description = "invalid input")))]
pub async fn create_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<ChannelIn>,
) -> ApiResult<(StatusCode, Json<ChannelCreatedOut>)> {
    let holder = Holder::own(&services, &caller);
    let made = holder.create(&client, wish).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes some of a channel; what is absent stays.
#[utoipa::path(patch, path = "/api/me/channels/{channel_id}", tag = "notifications",
    params(("channel_id" = u64, Path)), request_body = ChannelPatchIn,
    responses((status = 200, body = ChannelOut), (status = 404, description = "no such channel"),
        (status = 422, description = "invalid input")))]
pub async fn update_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<ChannelPatchIn>,
) -> ApiResult<Json<ChannelOut>> {
    let holder = Holder::own(&services, &caller);
    let id = path.integer(0, "channel_id")?;
    Ok(Json(holder.update(&client, id, &wish).await?))
}

/// Removes a channel; what waits for it is not sent any more.
#[utoipa::path(delete, path = "/api/me/channels/{channel_id}", tag = "notifications",
    params(("channel_id" = u64, Path)),
    responses((status = 204, description = "it is gone"), (status = 404, description = "no such channel")))]
pub async fn delete_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let holder = Holder::own(&services, &caller);
    holder
        .remove(&client, path.integer(0, "channel_id")?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test message; what came of it is shown by the channel soon after.
#[utoipa::path(post, path = "/api/me/channels/{channel_id}/test", tag = "notifications",
    params(("channel_id" = u64, Path)),
    responses((status = 202, description = "it is on its way"), (status = 404, description = "no such channel"),
        (status = 429, description = "tested a moment ago")))]
pub async fn test_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let holder = Holder::own(&services, &caller);
    holder.test(&client, path.integer(0, "channel_id")?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Lists what was said on a channel within 14 days, newest first. The header `x-next-cursor`
/// leads on.
#[utoipa::path(get, path = "/api/me/channels/{channel_id}/messages", tag = "notifications",
    params(("channel_id" = u64, Path), ("limit" = Option<i64>, Query, description = "1..200, default 50"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<ChannelMessageOut>), (status = 404, description = "no such channel")))]
pub async fn list_channel_messages(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let holder = Holder::own(&services, &caller);
    page_of(&holder, path.integer(0, "channel_id")?, &params).await
}

/// Sends messages once more, under their ids.
#[utoipa::path(post, path = "/api/me/channels/{channel_id}/replay", tag = "notifications",
    params(("channel_id" = u64, Path)), request_body = ReplayIn,
    responses((status = 202, body = ReplayedOut), (status = 404, description = "no such channel"),
        (status = 422, description = "neither ids nor since"), (status = 429, description = "too often")))]
pub async fn replay_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<ReplayIn>,
) -> ApiResult<(StatusCode, Json<ReplayedOut>)> {
    let holder = Holder::own(&services, &caller);
    let id = path.integer(0, "channel_id")?;
    let queued = holder.replay(&client, id, &wish).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayedOut { queued })))
}
