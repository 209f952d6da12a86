//! Channels: chat rooms and programs that are told of what happens, to a person or in a project.

mod holder;
pub mod own;
pub mod project;
pub mod view;
pub mod wish;

use axum::response::Response;
use holder::Holder;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use web::page::{decode_cursor, page};
use web::{ApiError, ApiResult, Params, Routes};
use wire::Code;

/// The routes of channels.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(own::list_channels, own::create_channel))
        .routes(routes!(own::update_channel, own::delete_channel))
        .routes(routes!(own::test_channel))
        .routes(routes!(own::list_channel_messages))
        .routes(routes!(own::replay_channel))
        .routes(routes!(
            project::list_project_channels,
            project::create_project_channel
        ))
        .routes(routes!(
            project::update_project_channel,
            project::delete_project_channel
        ))
        .routes(routes!(project::test_project_channel))
        .routes(routes!(project::list_project_channel_messages))
        .routes(routes!(project::replay_project_channel))
}

/// What a replay queued.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayedOut {
    /// Messages on their way.
    pub queued: usize,
}

/// A page of what was said on a channel.
async fn page_of(holder: &Holder<'_>, id: u64, params: &Params) -> ApiResult<Response> {
    let limit = params.integer("limit", 50, 1..=200)? as usize;
    let before = decode_cursor(params.text("cursor"))?
        .map(|text| text.parse().map_err(|_| ApiError::new(Code::CursorInvalid)))
        .transpose()?;
    let (said, next) = holder.said(id, before, limit).await?;
    let next = next.map(|id| id.to_string());
    Ok(page(said, next.as_deref()))
}
