//! `/api/projects/{project}/channels`: channels that are told what happens in a project.

use super::holder::Holder;
use super::view::{ChannelCreatedOut, ChannelMessageOut, ChannelOut};
use super::wish::{ChannelIn, ChannelPatchIn, ReplayIn};
use super::{ReplayedOut, page_of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::Role;
use runtime::Services;
use web::{ApiResult, Body, Caller, ClientInfo, Params, PathParams};

/// Lists the channels of a project, to members, oldest first.
#[utoipa::path(get, path = "/api/projects/{project}/channels", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = Vec<ChannelOut>), (status = 403, description = "members only"),
        (status = 404, description = "no such project")))]
pub async fn list_project_channels(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<Vec<ChannelOut>>> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Viewer).await?;
    Ok(Json(holder.list().await?))
}

/// Adds a channel to a project.
#[utoipa::path(post, path = "/api/projects/{project}/channels", tag = "projects",
    params(("project" = String, Path)),
    request_body = ChannelIn,
    responses((status = 201, body = ChannelCreatedOut), (status = 403, description = "owners only"), (status = 409, description = "too many channels"),
        (status = 422, description = "invalid input")))]
pub async fn create_project_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<ChannelIn>,
) -> ApiResult<(StatusCode, Json<ChannelCreatedOut>)> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Owner).await?;
    let made = holder.create(&client, wish).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes some of a channel; what is absent stays.
#[utoipa::path(patch, path = "/api/projects/{project}/channels/{channel_id}", tag = "projects",
    params(("project" = String, Path), ("channel_id" = u64, Path)), request_body = ChannelPatchIn,
    responses((status = 200, body = ChannelOut), (status = 403, description = "owners only"), (status = 404, description = "no such project or channel"),
        (status = 422, description = "invalid input")))]
pub async fn update_project_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<ChannelPatchIn>,
) -> ApiResult<Json<ChannelOut>> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Owner).await?;
    let id = path.integer(1, "channel_id")?;
    Ok(Json(holder.update(&client, id, &wish).await?))
}

/// Removes a channel; what waits for it is not sent any more.
#[utoipa::path(delete, path = "/api/projects/{project}/channels/{channel_id}", tag = "projects",
    params(("project" = String, Path), ("channel_id" = u64, Path)),
    responses((status = 204, description = "it is gone"), (status = 403, description = "owners only"), (status = 404, description = "no such project or channel")))]
pub async fn delete_project_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Owner).await?;
    holder
        .remove(&client, path.integer(1, "channel_id")?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test message; what came of it is shown by the channel soon after.
#[utoipa::path(post, path = "/api/projects/{project}/channels/{channel_id}/test", tag = "projects",
    params(("project" = String, Path), ("channel_id" = u64, Path)),
    responses((status = 202, description = "it is on its way"), (status = 403, description = "owners only"), (status = 404, description = "no such project or channel"),
        (status = 429, description = "tested a moment ago")))]
pub async fn test_project_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Owner).await?;
    holder.test(&client, path.integer(1, "channel_id")?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Lists what was said on a channel within 14 days, newest first. The header `x-next-cursor`
/// leads on.
#[utoipa::path(get, path = "/api/projects/{project}/channels/{channel_id}/messages", tag = "projects",
    params(("project" = String, Path), ("channel_id" = u64, Path), ("limit" = Option<i64>, Query, description = "1..200, default 50"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vec<ChannelMessageOut>), (status = 403, description = "members only"), (status = 404, description = "no such project or channel")))]
pub async fn list_project_channel_messages(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Viewer).await?;
    page_of(&holder, path.integer(1, "channel_id")?, &params).await
}

/// Sends messages once more, under their ids.
#[utoipa::path(post, path = "/api/projects/{project}/channels/{channel_id}/replay", tag = "projects",
    params(("project" = String, Path), ("channel_id" = u64, Path)), request_body = ReplayIn,
    responses((status = 202, body = ReplayedOut), (status = 403, description = "owners only"), (status = 404, description = "no such project or channel"),
        (status = 422, description = "neither ids nor since"), (status = 429, description = "too often")))]
pub async fn replay_project_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<ReplayIn>,
) -> ApiResult<(StatusCode, Json<ReplayedOut>)> {
    let holder = Holder::project(&services, &caller, path.text(0), Role::Owner).await?;
    let id = path.integer(1, "channel_id")?;
    let queued = holder.replay(&client, id, &wish).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayedOut { queued })))
}
