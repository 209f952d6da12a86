//! `/api/me/channels`: chat rooms and programs that are told of what happens.
//!
//! An address mostly holds a secret, so it goes in and never comes out again: lists show its host.

use crate::channel_wish::{ChannelIn, ChannelPatchIn, audited};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::channel::{Channel, QuietHours};
use domain::limits::{CHANNEL_TEST_SECS, CHANNELS_PER_USER};
use notify::place;
use runtime::{Services, entropy};
use serde::Serialize;
use store::StoreError;
use store::channels::post_write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, PathParams};
use wire::Code;

/// Rounds after a collision of ids.
const ROUNDS: usize = 8;

/// Hours without messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuietHoursOut {
    /// First quiet minute, `22:00`.
    pub from: String,
    /// First minute that is loud again.
    pub to: String,
    /// Time zone.
    pub time_zone: String,
}

impl From<&QuietHours> for QuietHoursOut {
    fn from(quiet: &QuietHours) -> Self {
        let (from, to) = quiet.texts();
        let time_zone = quiet.zone.clone();
        Self {
            from,
            to,
            time_zone,
        }
    }
}

/// A channel without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelOut {
    /// Id.
    pub id: u64,
    /// What stands at the other end.
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// Host of its address; the rest is secret.
    pub host: String,
    /// Whether a secret is kept.
    pub has_secret: bool,
    /// Telegram chat.
    pub chat: Option<String>,
    /// What it is told of; empty: everything.
    pub events: Vec<&'static str>,
    /// Hours without messages.
    pub quiet_hours: Option<QuietHoursOut>,
    /// Nothing is sent while false.
    pub enabled: bool,
    /// When it was made.
    pub created_at: String,
    /// Last try to send.
    pub last_tried_at: Option<String>,
    /// Why that failed; null when it did not.
    pub last_error: Option<String>,
}

/// A new channel.
#[derive(Serialize, ToSchema)]
pub struct ChannelCreatedOut {
    /// The channel.
    #[serde(flatten)]
    pub shown: ChannelOut,
    /// The secret the server made for a `webhook` that came without one; shown here only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl From<&Channel> for ChannelOut {
    fn from(channel: &Channel) -> Self {
        let quiet_hours = channel.quiet.as_ref().map(QuietHoursOut::from);
        Self {
            id: channel.id,
            kind: channel.kind.as_str(),
            name: channel.name.clone(),
            host: place::host(&channel.url),
            has_secret: channel.secret.is_some(),
            chat: channel.chat.clone(),
            events: channel.events.iter().map(|kind| kind.as_str()).collect(),
            quiet_hours,
            enabled: channel.enabled,
            created_at: channel.created_at.to_text(),
            last_tried_at: channel.tried_at.map(|at| at.to_text()),
            last_error: channel.last_error.clone(),
        }
    }
}

/// Lists the caller's channels, oldest first.
#[utoipa::path(get, path = "/api/me/channels", tag = "notifications",
    responses((status = 200, body = Vec<ChannelOut>)))]
pub async fn list_channels(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ChannelOut>>> {
    let channels = services.store.channels(caller.user().id).await?;
    Ok(Json(channels.iter().map(ChannelOut::from).collect()))
}

/// Adds a channel.
#[utoipa::path(post, path = "/api/me/channels", tag = "notifications", request_body = ChannelIn,
    responses((status = 201, body = ChannelCreatedOut), (status = 409, description = "too many channels"),
        (status = 422, description = "invalid input")))]
pub async fn create_channel(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<ChannelIn>,
) -> ApiResult<(StatusCode, Json<ChannelCreatedOut>)> {
    let now = services.clock.now();
    let (mut channel, made) = wish.channel(now)?;
    let allow_private = services.config.channels_allow_private;
    crate::channel_wish::check(&channel, allow_private)?;
    let user = caller.user().id;
    if services.store.channels(user).await?.len() >= CHANNELS_PER_USER {
        return Err(ApiError::with(Code::ChannelCap, [CHANNELS_PER_USER]));
    }
    for _ in 0..ROUNDS {
        channel.id = entropy::new_id(now);
        let also = vec![audited("channel_create", &caller, &client, &channel, now)?];
        match services.store.add_channel(user, &channel, also).await {
            Ok(()) => {
                let shown = ChannelOut::from(&channel);
                let secret = made.then(|| channel.secret.clone()).flatten();
                let out = ChannelCreatedOut { shown, secret };
                return Ok((StatusCode::CREATED, Json(out)));
            }
            Err(StoreError::ConditionAt(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
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
    let id = path.integer(0, "channel_id")?;
    let now = services.clock.now();
    let allow_private = services.config.channels_allow_private;
    let change = |channel: &mut Channel| {
        wish.apply(channel)?;
        crate::channel_wish::check(channel, allow_private)?;
        Ok(vec![audited(
            "channel_update",
            &caller,
            &client,
            channel,
            now,
        )?])
    };
    let changed = services.store.update_channel(caller.user().id, id, change);
    let changed = changed.await.map_err(|error: ApiError| error)?;
    let channel = changed.ok_or_else(|| ApiError::new(Code::ChannelNotFound))?;
    Ok(Json(ChannelOut::from(&channel)))
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
    let id = path.integer(0, "channel_id")?;
    let user = caller.user().id;
    let found = services.store.channel(user, id).await?;
    let channel = found.ok_or_else(|| ApiError::new(Code::ChannelNotFound))?;
    let now = services.clock.now();
    let also = vec![audited("channel_delete", &caller, &client, &channel, now)?];
    match services.store.remove_channel(user, id, also).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::new(Code::ChannelNotFound)),
    }
}

/// Sends a test message; what came of it is shown by the channel soon after.
#[utoipa::path(post, path = "/api/me/channels/{channel_id}/test", tag = "notifications",
    params(("channel_id" = u64, Path)),
    responses((status = 202, description = "it is on its way"), (status = 404, description = "no such channel"),
        (status = 429, description = "tested a moment ago")))]
pub async fn test_channel(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let id = path.integer(0, "channel_id")?;
    let now = services.clock.now();
    let user = caller.user().id;
    let change = |channel: &mut Channel| {
        let again = channel.tested_at.map(|at| at.plus_secs(CHANNEL_TEST_SECS));
        if let Some(again) = again.filter(|again| *again > now) {
            let wait = again.secs_since(now).ceil().max(1.0) as u64;
            return Err(ApiError::with(Code::RateLimited, [wait]).retry_after(wait));
        }
        channel.tested_at = Some(now);
        let message = entropy::new_id(now);
        Ok(vec![post_write(message, user, id, None, now, now)?])
    };
    let changed = services.store.update_channel(user, id, change).await?;
    changed.ok_or_else(|| ApiError::new(Code::ChannelNotFound))?;
    Ok(StatusCode::ACCEPTED)
}
