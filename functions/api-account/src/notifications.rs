//! `/api/notifications`: what the web UI tells a person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::notice::Notification;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, Params, PathParams};
use wire::Code;

/// A notification.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationOut {
    /// Id.
    pub id: u64,
    /// Batch it is about.
    pub batch_id: Option<String>,
    /// Word for its cause.
    pub rule_id: String,
    /// info, warn or error.
    pub severity: &'static str,
    /// One line.
    pub title: String,
    /// A few lines.
    pub body: String,
    /// When it was made.
    pub created_at: String,
    /// When it was seen.
    pub read_at: Option<String>,
}

impl From<Notification> for NotificationOut {
    fn from(shown: Notification) -> Self {
        Self {
            id: shown.id,
            batch_id: shown.batch_id,
            rule_id: shown.rule_id,
            severity: shown.severity.as_str(),
            title: shown.title,
            body: shown.body,
            created_at: shown.created_at.to_text(),
            read_at: shown.read_at.map(|at| at.to_text()),
        }
    }
}

/// Header that says how many notifications are unread, of the newest two hundred.
const UNREAD: &str = "x-unread-count";

/// Lists the caller's notifications, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications",
    params(("limit" = Option<i64>, Query, description = "1 to 200, 50 if absent"),
        ("unread_only" = Option<bool>, Query)),
    responses((status = 200, body = Vec<NotificationOut>, headers(("x-unread-count" = u32, description = "unread ones among the newest 200"))), (status = 422, description = "invalid input")))]
pub async fn list_notifications(
    State(services): State<Services>,
    caller: Caller,
    params: Params,
) -> ApiResult<impl IntoResponse> {
    let limit = params.integer("limit", 50, 1..=200)?;
    let unread_only = params.flag("unread_only", false)?;
    let (user, now) = (caller.user().id, services.clock.now());
    let limit = usize::try_from(limit).unwrap_or(50);
    let found = services.store.notifications(user, unread_only, limit, now);
    let found = found.await?;
    let unread = services.store.unread_notifications(user, now).await?;
    let list: Vec<NotificationOut> = found.into_iter().map(NotificationOut::from).collect();
    Ok(([(UNREAD, unread.to_string())], Json(list)))
}

/// Marks all of the caller's notifications as read.
#[utoipa::path(post, path = "/api/notifications/mark_all_read", tag = "notifications",
    responses((status = 204, description = "all are read")))]
pub async fn mark_all_read(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<StatusCode> {
    let (user, now) = (caller.user().id, services.clock.now());
    services.store.ack_all_notifications(user, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks a notification as read; repeating it changes nothing.
#[utoipa::path(post, path = "/api/notifications/{notification_id}/ack", tag = "notifications",
    params(("notification_id" = u64, Path)),
    responses((status = 204, description = "it is read"), (status = 404, description = "no such notification")))]
pub async fn ack_notification(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let id = path.integer(0, "notification_id")?;
    let (user, now) = (caller.user().id, services.clock.now());
    found(services.store.ack_notification(user, id, now).await?)
}

/// Removes a notification.
#[utoipa::path(delete, path = "/api/notifications/{notification_id}", tag = "notifications",
    params(("notification_id" = u64, Path)),
    responses((status = 204, description = "it is gone"), (status = 404, description = "no such notification")))]
pub async fn delete_notification(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let id = path.integer(0, "notification_id")?;
    let user = caller.user().id;
    found(services.store.remove_notification(user, id).await?)
}

fn found(found: bool) -> ApiResult<StatusCode> {
    match found {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::new(Code::NotificationNotFound)),
    }
}
