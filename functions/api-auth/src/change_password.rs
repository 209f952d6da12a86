//! `POST /api/auth/change-password`.

use crate::view::OkOut;
use crate::{link, mail, passwords};
use axum::Json;
use axum::extract::State;
use domain::bucket;
use runtime::Services;
use serde::Deserialize;
use store::StoreError;
use store::outbox::mail_write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, SessionCaller, quota};
use wire::Code;

/// Old and new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordIn {
    /// The password so far.
    current_password: String,
    /// 10 to 256 characters with a letter and a digit.
    new_password: String,
}

/// Changes the caller's password and ends every other session. API tokens stay.
#[utoipa::path(post, path = "/api/auth/change-password", tag = "auth", request_body = ChangePasswordIn,
    responses((status = 200, body = OkOut), (status = 400, description = "same as before"),
        (status = 401, description = "wrong current password"), (status = 403, description = "not a browser session"),
        (status = 422, description = "invalid input"), (status = 429, description = "too often, see Retry-After")))]
pub async fn change_password(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    Body(wish): Body<ChangePasswordIn>,
) -> ApiResult<Json<OkOut>> {
    passwords::check("new_password", &wish.new_password)?;
    let id = caller.identity.user.id;
    if let Err(error) = quota::take(&services, bucket::CHANGE_PASSWORD, id).await {
        let deed = Deed::of_user("password_change_rate_limited", id);
        deed.note(&services, &id, &client).await;
        return Err(error);
    }
    let found = services.store.user(id).await?;
    let before = found
        .ok_or_else(|| ApiError::new(Code::AuthRequired))?
        .value;
    if !passwords::fits(Some(&before), wish.current_password.clone()).await? {
        let deed = Deed::of_user("password_change_failed", id).with("reason", "wrong_current");
        deed.note(&services, &id, &client).await;
        return Err(ApiError::new(Code::PasswordWrong));
    }
    if wish.current_password == wish.new_password {
        return Err(ApiError::new(Code::PasswordSame));
    }
    let hash = passwords::hash(wish.new_password).await?;
    let sessions = services
        .store
        .sessions(&before, services.clock.now())
        .await?;
    let others = sessions.iter().filter(|s| s.jti != caller.jti).count();
    let deed = Deed::of_user("password_changed", id)
        .with("revoked_other_sessions", others)
        .with("kept_current_jti", &caller.jti);
    let row = deed.row(&services, &id, &client)?;
    let kept = services
        .store
        .carried_session(id, &caller.jti, before.epoch + 1);
    let kept = kept.await?;
    let stamp = link::stamp(&services).await?;
    let changed = services.store.change_user(id, |user| {
        if user.password_hash != before.password_hash || user.epoch != before.epoch {
            return Ok(None);
        }
        user.password_hash = Some(hash.clone());
        user.epoch += 1;
        let mail = mail::password_changed(&stamp, user)?;
        let mut writes = vec![row.clone(), mail_write(&mail)?];
        writes.extend(kept.clone());
        Ok(Some(writes))
    });
    match changed.await {
        Ok(Some(_)) => {}
        // The session was touched, or the password changed elsewhere, at this very moment.
        Ok(None) | Err(StoreError::ConditionAt(_)) => {
            return Err(ApiError::new(Code::StorageBusy).retry_after(1));
        }
        Err(error) => return Err(error.into()),
    }
    services.credentials.forget_user(id);
    Ok(Json(OkOut::new("password-updated")))
}
