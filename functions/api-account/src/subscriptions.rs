//! What people want to be mailed: five switches, and the rows behind them.
//!
//! A switch is the row of its kind without a project, so both views always agree.

use axum::Json;
use axum::extract::State;
use domain::audience::{Subscription, Wishes};
use domain::limits::SUBSCRIPTIONS;
use domain::notice::NoticeKind;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid};
use wire::Code;

/// Which events are mailed, whatever the project.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationPrefs {
    /// A batch ended well.
    notify_batch_done: bool,
    /// A batch failed.
    notify_batch_failed: bool,
    /// A job failed.
    notify_job_failed: bool,
    /// A loss left the rails.
    notify_diverged: bool,
    /// A job does not use its GPU.
    notify_job_idle: bool,
}

impl NotificationPrefs {
    fn of(wishes: &Wishes) -> Self {
        Self {
            notify_batch_done: wishes.wants(NoticeKind::BatchDone, None),
            notify_batch_failed: wishes.wants(NoticeKind::BatchFailed, None),
            notify_job_failed: wishes.wants(NoticeKind::JobFailed, None),
            notify_diverged: wishes.wants(NoticeKind::BatchDiverged, None),
            notify_job_idle: wishes.wants(NoticeKind::JobIdleFlagged, None),
        }
    }

    fn rows(self) -> [(NoticeKind, bool); 5] {
        [
            (NoticeKind::BatchDone, self.notify_batch_done),
            (NoticeKind::BatchFailed, self.notify_batch_failed),
            (NoticeKind::JobFailed, self.notify_job_failed),
            (NoticeKind::BatchDiverged, self.notify_diverged),
            (NoticeKind::JobIdleFlagged, self.notify_job_idle),
        ]
    }
}

/// A row to set.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionIn {
    /// Project; null: all of them.
    #[serde(default)]
    project: Option<String>,
    /// Kind of event.
    event_type: String,
    /// Mails are wanted.
    enabled: bool,
}

/// Rows to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionsIn {
    /// Rows; what is not among them stays.
    subscriptions: Vec<SubscriptionIn>,
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionOut {
    /// Project; null: all of them.
    pub project: Option<String>,
    /// Kind of event.
    pub event_type: &'static str,
    /// Mails are wanted.
    pub enabled: bool,
}

fn shown(wishes: Wishes) -> Json<Vec<SubscriptionOut>> {
    let row = |row: Subscription| SubscriptionOut {
        project: row.project,
        event_type: row.kind.as_str(),
        enabled: row.enabled,
    };
    Json(wishes.rows.into_iter().map(row).collect())
}

/// Shows which events are mailed to the caller.
#[utoipa::path(get, path = "/api/me/notification_prefs", tag = "notifications",
    responses((status = 200, body = NotificationPrefs)))]
pub async fn show_prefs(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<NotificationPrefs>> {
    let wishes = services.store.wishes(caller.user().id).await?;
    Ok(Json(NotificationPrefs::of(&wishes)))
}

/// Sets which events are mailed to the caller.
#[utoipa::path(put, path = "/api/me/notification_prefs", tag = "notifications",
    request_body = NotificationPrefs,
    responses((status = 200, body = NotificationPrefs), (status = 422, description = "invalid input")))]
pub async fn update_prefs(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<NotificationPrefs>,
) -> ApiResult<Json<NotificationPrefs>> {
    let user = caller.user().id;
    let change = |wishes: &mut Wishes| {
        for (kind, enabled) in wish.rows() {
            let project = None;
            wishes.set(Subscription {
                project,
                kind,
                enabled,
            });
        }
        let deed = Deed::of_user("notification_prefs_updated", user);
        Ok(vec![deed.row(&services, &user, &client)?])
    };
    let wishes = services.store.update_wishes(user, change).await?;
    Ok(Json(NotificationPrefs::of(&wishes)))
}

/// Lists the rows of what is mailed to the caller; what has no row follows the defaults.
#[utoipa::path(get, path = "/api/me/subscriptions", tag = "notifications",
    responses((status = 200, body = Vec<SubscriptionOut>)))]
pub async fn list_subscriptions(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<SubscriptionOut>>> {
    Ok(shown(services.store.wishes(caller.user().id).await?))
}

/// Sets some rows; all of them or, when one is refused, none.
#[utoipa::path(patch, path = "/api/me/subscriptions", tag = "notifications",
    request_body = SubscriptionsIn,
    responses((status = 200, body = Vec<SubscriptionOut>), (status = 400, description = "unknown kind of event"),
        (status = 422, description = "invalid input")))]
pub async fn update_subscriptions(
    State(services): State<Services>,
    caller: Caller,
    Body(wish): Body<SubscriptionsIn>,
) -> ApiResult<Json<Vec<SubscriptionOut>>> {
    let names: Vec<String> = wish
        .subscriptions
        .iter()
        .map(|w| w.event_type.clone())
        .collect();
    let kinds = kinds(&names)?;
    let user = caller.user().id;
    let before = services.store.wishes(user).await?.rows.len();
    let too_long = wish
        .subscriptions
        .iter()
        .any(|w| w.project.as_ref().is_some_and(|p| p.chars().count() > 256));
    if too_long || before + wish.subscriptions.len() > SUBSCRIPTIONS {
        let msg = "Too many rows, or too long a name";
        let loc = ["body", "subscriptions"];
        return Err(Invalid::at(&loc, "too_long", msg, json!(null)).into());
    }
    let change = |wishes: &mut Wishes| {
        for (row, kind) in wish.subscriptions.iter().zip(&kinds) {
            wishes.set(Subscription {
                project: row.project.clone(),
                kind: *kind,
                enabled: row.enabled,
            });
        }
        Ok(vec![])
    };
    Ok(shown(services.store.update_wishes(user, change).await?))
}

/// Reads kinds of events; the refusal names those that are none.
pub fn kinds(names: &[String]) -> ApiResult<Vec<NoticeKind>> {
    let known = names.iter().filter_map(|name| NoticeKind::parse(name));
    let known: Vec<NoticeKind> = known.collect();
    if known.len() == names.len() {
        return Ok(known);
    }
    let unknown = names
        .iter()
        .filter(|name| NoticeKind::parse(name).is_none());
    let unknown: Vec<String> = unknown
        .take(10)
        .map(|n| n.chars().take(64).collect())
        .collect();
    Err(ApiError::with(
        Code::EventKindsInvalid,
        [unknown.join(", ")],
    ))
}
