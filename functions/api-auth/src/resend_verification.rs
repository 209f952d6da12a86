//! `POST /api/me/resend_verification`: another verification mail.

use crate::view::DoneOut;
use crate::{link, mail};
use axum::Json;
use axum::extract::State;
use domain::bucket;
use runtime::Services;
use store::outbox::mail_write;
use store::secrets::{Purpose, secret_write};
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed, quota};
use wire::Code;

/// Mails a new verification link; older ones keep working until they end.
#[utoipa::path(post, path = "/api/me/resend_verification", tag = "auth",
    responses((status = 200, body = DoneOut), (status = 409, description = "verified already"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn resend_verification(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
) -> ApiResult<Json<DoneOut>> {
    let id = caller.user().id;
    // The caller may come from a cache that is some seconds old.
    let found = services.store.user(id).await?;
    let user = found
        .ok_or_else(|| ApiError::new(Code::AuthRequired))?
        .value;
    if user.email_verified {
        let deed = Deed::of_user("resend_verification_noop", id);
        deed.note(&services, &id, &client).await;
        return Err(ApiError::new(Code::AlreadyVerified));
    }
    if let Err(error) = quota::take(&services, bucket::RESEND, id).await {
        let deed = Deed::of_user("resend_verification_rate_limited", id);
        deed.note(&services, &id, &client).await;
        return Err(error);
    }
    let (secret, link) = link::one_time(&services, &user, Purpose::Verify, &user.email);
    let mail = mail::verification(&link::stamp(&services).await?, &user, &link)?;
    let writes = vec![
        secret_write(&secret)?,
        mail_write(&mail)?,
        Deed::of_user("resend_verification_sent", id).row(&services, &id, &client)?,
    ];
    services.store.table.transact(writes).await?;
    Ok(Json(DoneOut {
        ok: true,
        detail: None,
    }))
}
