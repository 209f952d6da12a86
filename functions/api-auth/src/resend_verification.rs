//! `POST /api/me/resend_verification`: another verification mail.

use crate::view::DoneOut;
use crate::{link, mail};
use axum::Json;
use axum::extract::State;
use domain::bucket;
use runtime::Services;
use store::audit::audit_write;
use store::outbox::mail_write;
use store::secrets::{Purpose, secret_write};
use web::{ApiError, ApiResult, Caller, ClientInfo, audit, quota};
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
    let row = |word: &str| {
        let action = format!("resend_verification_{word}");
        audit::row(&services, &client, Some(id), &action, ("user", id))
    };
    // The caller may come from a cache that is some seconds old.
    let found = services.store.user(id).await?;
    let user = found
        .ok_or_else(|| ApiError::new(Code::AuthRequired))?
        .value;
    if user.email_verified {
        audit::note(&services, row("noop")).await;
        return Err(ApiError::new(Code::AlreadyVerified));
    }
    if let Err(error) = quota::take(&services, bucket::RESEND, id).await {
        audit::note(&services, row("rate_limited")).await;
        return Err(error);
    }
    let (secret, link) = link::one_time(&services, &user, Purpose::Verify, &user.email);
    let mail = mail::verification(&link::stamp(&services).await?, &user, &link)?;
    let writes = vec![
        secret_write(&secret)?,
        mail_write(&mail)?,
        audit_write(&row("sent"))?,
    ];
    services.store.table.transact(writes).await?;
    Ok(Json(DoneOut {
        ok: true,
        detail: None,
    }))
}
