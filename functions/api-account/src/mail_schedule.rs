//! `/api/me/mail_schedule`: when mails about events come.

use crate::channels::view::QuietHoursOut;
use crate::channels::wish::{QuietHoursIn, quiet};
use axum::Json;
use axum::extract::State;
use domain::audience::{DailyDigest, Wishes};
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid};

/// One mail a day in the place of many.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DailyDigestBody {
    /// Time of the day, `09:00`.
    at: String,
    /// Time zone, `Asia/Shanghai`.
    time_zone: String,
}

/// When mails are to come; what is absent or null does not hold them back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailScheduleIn {
    /// One mail a day; quiet hours do not move it.
    #[serde(default)]
    digest: Option<DailyDigestBody>,
    /// Hours without mails; what happens in them comes afterwards.
    #[serde(default)]
    quiet_hours: Option<QuietHoursIn>,
}

/// When mails come.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailScheduleOut {
    /// One mail a day, if wanted.
    pub digest: Option<DailyDigestBody>,
    /// Hours without mails.
    pub quiet_hours: Option<QuietHoursOut>,
}

fn view(wishes: &Wishes) -> Json<MailScheduleOut> {
    let digest = wishes.digest.as_ref().map(|digest| DailyDigestBody {
        at: digest.text(),
        time_zone: digest.zone.clone(),
    });
    let quiet_hours = wishes.quiet.as_ref().map(QuietHoursOut::from);
    Json(MailScheduleOut {
        digest,
        quiet_hours,
    })
}

/// Shows when the caller's mails come.
#[utoipa::path(get, path = "/api/me/mail_schedule", tag = "notifications",
    responses((status = 200, body = MailScheduleOut)))]
pub async fn show_schedule(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<MailScheduleOut>> {
    let wishes = services.store.wishes(caller.user().id).await?;
    Ok(view(&wishes))
}

/// Sets when the caller's mails come. What waits already comes when it was to come.
#[utoipa::path(put, path = "/api/me/mail_schedule", tag = "notifications",
    request_body = MailScheduleIn,
    responses((status = 200, body = MailScheduleOut), (status = 422, description = "invalid input")))]
pub async fn set_schedule(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<MailScheduleIn>,
) -> ApiResult<Json<MailScheduleOut>> {
    let digest = wish.digest.as_ref().map(digest).transpose()?;
    let hours = wish.quiet_hours.as_ref().map(quiet).transpose()?;
    let user = caller.user().id;
    let change = |wishes: &mut Wishes| {
        wishes.digest.clone_from(&digest);
        wishes.quiet.clone_from(&hours);
        let deed = Deed::of_user("mail_schedule_updated", user);
        Ok(vec![deed.row(&services, &user, &client)?])
    };
    let wishes = services.store.update_wishes(user, change).await?;
    Ok(view(&wishes))
}

fn digest(wish: &DailyDigestBody) -> Result<DailyDigest, ApiError> {
    DailyDigest::parse(&wish.at, &wish.time_zone).ok_or_else(|| {
        let msg = "Input should be a time HH:MM and the name of a time zone";
        Invalid::at(&["body", "digest"], "value_error", msg, json!(wish)).into()
    })
}
