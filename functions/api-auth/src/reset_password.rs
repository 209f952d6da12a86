//! `POST /api/auth/request-password-reset` and `/api/auth/reset-password`.

use crate::view::OkOut;
use crate::{link, mail, passwords};
use auth::{rules, secret};
use axum::Json;
use axum::extract::State;
use domain::account::User;
use domain::bucket;
use runtime::Services;
use serde::Deserialize;
use serde_json::json;
use store::outbox::mail_write;
use store::secrets::{Purpose, Taken, secret_write};
use store::table::Write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, Invalid, Visitor, quota};
use wire::Code;

/// Whose password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequestIn {
    /// Address of the account.
    email: String,
}

/// Mails a link to set a new password. The answer is the same whether or not anybody has this
/// address.
#[utoipa::path(post, path = "/api/auth/request-password-reset", tag = "auth", request_body = ResetRequestIn,
    responses((status = 200, body = OkOut), (status = 422, description = "invalid input"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn request_reset(
    State(services): State<Services>,
    client: ClientInfo,
    Body(wish): Body<ResetRequestIn>,
) -> ApiResult<Json<OkOut>> {
    rules::email(&wish.email)
        .map_err(|msg| Invalid::at(&["body", "email"], "value_error", msg, json!(wish.email)))?;
    quota::take(&services, bucket::RESET, client.network()).await?;
    let address = wish.email.to_lowercase();
    let found = services.store.user_by_email(&address).await?;
    let user = found.map(|found| found.value).filter(|u| u.is_active);
    // Nobody learns here that an address is known, nor can they fill its mailbox.
    let of = user.as_ref().map_or(0, |user| user.id).to_string();
    let now = services.clock.now();
    let wait = services
        .store
        .take_token(bucket::RESET_MAIL, &of, now)
        .await?;
    if let (Some(user), None) = (user, wait) {
        let deed = Deed::of_user("password_reset_requested", user.id);
        let row = deed.row(&services, &Visitor(None), &client)?;
        send(&services, &user, vec![row]).await?;
    }
    Ok(Json(OkOut::new("ok")))
}

/// Mails `user` a link to set a new password, and writes `also` with it.
pub async fn send(services: &Services, user: &User, also: Vec<Write>) -> ApiResult<()> {
    let (secret, link) = link::one_time(services, user, Purpose::Reset, &user.email);
    let mail = mail::reset(&link::stamp(services).await?, user, &link)?;
    let mut writes = vec![secret_write(&secret)?, mail_write(&mail)?];
    writes.extend(also);
    services.store.table.transact(writes).await?;
    Ok(())
}

/// A mailed secret and the password it sets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetIn {
    /// Secret of the link.
    token: String,
    /// 10 to 256 characters with a letter and a digit.
    new_password: String,
}

/// Sets a new password by a mailed link and ends every session.
#[utoipa::path(post, path = "/api/auth/reset-password", tag = "auth", request_body = ResetIn,
    responses((status = 200, body = OkOut), (status = 400, description = "unknown, used or expired"),
        (status = 422, description = "invalid input"), (status = 429, description = "too often, see Retry-After")))]
pub async fn reset_password(
    State(services): State<Services>,
    client: ClientInfo,
    Body(wish): Body<ResetIn>,
) -> ApiResult<Json<OkOut>> {
    link::check("body", &wish.token)?;
    passwords::check("new_password", &wish.new_password)?;
    quota::take(&services, bucket::LINK, client.network()).await?;
    let invalid = || ApiError::new(Code::SecretInvalid);
    let digest = secret::digest(&wish.token);
    let now = services.clock.now();
    let taken = services
        .store
        .take_secret(&digest, Purpose::Reset, now)
        .await?;
    let Taken::Yes(secret) = taken else {
        return Err(invalid());
    };
    let hash = passwords::hash(wish.new_password).await?;
    let id = secret.user_id;
    let deed = Deed::of_user("password_changed", id).with("via", "reset");
    let row = deed.row(&services, &id, &client)?;
    let stamp = link::stamp(&services).await?;
    let changed = services.store.change_user(id, |user| {
        if user.epoch != secret.epoch || !user.is_active {
            return Ok(None);
        }
        user.password_hash = Some(hash.clone());
        user.epoch += 1;
        // Whoever reads the mailbox has shown that the address is theirs.
        user.email_verified |= secret.address.as_ref() == Some(&user.email);
        let mail = mail::password_changed(&stamp, user)?;
        Ok(Some(vec![row.clone(), mail_write(&mail)?]))
    });
    let user = changed.await?.ok_or_else(invalid)?;
    services.credentials.forget_user(user.id);
    Ok(Json(OkOut::new("password-updated")))
}
