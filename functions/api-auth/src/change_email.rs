//! `POST /api/auth/change-email` and the link it mails, `GET /api/auth/verify-new-email`.

use crate::view::OkOut;
use crate::{link, mail, passwords};
use auth::{rules, secret};
use axum::Json;
use axum::extract::State;
use domain::bucket;
use runtime::Services;
use serde::Deserialize;
use serde_json::json;
use store::StoreError;
use store::accounts::address_writes;
use store::outbox::mail_write;
use store::secrets::{Purpose, Secret, Taken, secret_write};
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, Invalid, Params, SessionCaller, quota};
use wire::Code;

/// A new address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmailIn {
    /// Address; stored in lower case.
    new_email: String,
    /// Password, to prove that it is you.
    current_password: String,
}

/// Mails a link to the new address; the account moves when it is followed.
#[utoipa::path(post, path = "/api/auth/change-email", tag = "auth", request_body = ChangeEmailIn,
    responses((status = 200, body = OkOut), (status = 400, description = "the same address, or somebody else's"),
        (status = 401, description = "wrong password"), (status = 403, description = "not a browser session"),
        (status = 422, description = "invalid input"), (status = 429, description = "too often, see Retry-After")))]
pub async fn change_email(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    Body(wish): Body<ChangeEmailIn>,
) -> ApiResult<Json<OkOut>> {
    rules::email(&wish.new_email).map_err(|msg| {
        let input = json!(wish.new_email);
        Invalid::at(&["body", "new_email"], "value_error", msg, input)
    })?;
    let id = caller.identity.user.id;
    if let Err(error) = quota::take(&services, bucket::CHANGE_EMAIL, id).await {
        let deed = Deed::of_user("email_change_rate_limited", id);
        deed.note(&services, &id, &client).await;
        return Err(error);
    }
    let found = services.store.user(id).await?;
    let user = found
        .ok_or_else(|| ApiError::new(Code::AuthRequired))?
        .value;
    if !passwords::fits(Some(&user), wish.current_password).await? {
        let deed = Deed::of_user("email_change_failed", id).with("reason", "wrong_current");
        deed.note(&services, &id, &client).await;
        return Err(ApiError::new(Code::PasswordWrong));
    }
    let address = wish.new_email.to_lowercase();
    let refused = if address == user.email {
        Some(Code::EmailSame)
    } else {
        let taken = services.store.user_by_email(&address).await?.is_some();
        taken.then_some(Code::EmailInUse)
    };
    if let Some(code) = refused {
        let deed = Deed::of_user("email_change_failed", id).with("reason", code.as_str());
        deed.note(&services, &id, &client).await;
        return Err(ApiError::new(code));
    }
    let (secret, link) = link::one_time(&services, &user, Purpose::EmailChange, &address);
    let mail = mail::email_change(&link::stamp(&services).await?, &user, &address, &link)?;
    let deed = Deed::of_user("email_change_requested", id)
        .with("old_email", &user.email)
        .with("new_email", &address);
    let writes = vec![
        secret_write(&secret)?,
        mail_write(&mail)?,
        deed.row(&services, &id, &client)?,
    ];
    services.store.table.transact(writes).await?;
    Ok(Json(OkOut::new("email-change-requested")))
}

/// Moves the account to the address the link was sent to.
#[utoipa::path(get, path = "/api/auth/verify-new-email", tag = "auth",
    params(("token" = String, Query, description = "secret of the link")),
    responses((status = 200, body = OkOut), (status = 400, description = "unknown, or the address is taken"),
        (status = 410, description = "used or expired"), (status = 422, description = "invalid input"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn verify_new_email(
    State(services): State<Services>,
    client: ClientInfo,
    params: Params,
) -> ApiResult<Json<OkOut>> {
    let token = params.text("token").unwrap_or_default();
    link::check("query", token)?;
    quota::take(&services, bucket::LINK, client.network()).await?;
    let digest = secret::digest(token);
    let now = services.clock.now();
    let taken = services
        .store
        .take_secret(&digest, Purpose::EmailChange, now);
    match taken.await? {
        Taken::Yes(secret) => move_address(&services, &client, secret).await?,
        Taken::Spent => return Err(ApiError::new(Code::LinkSpent)),
        Taken::Unknown => return Err(ApiError::new(Code::SecretInvalid)),
    }
    Ok(Json(OkOut::new("email-changed")))
}

async fn move_address(services: &Services, client: &ClientInfo, secret: Secret) -> ApiResult<()> {
    let id = secret.user_id;
    let address = secret.address.clone().unwrap_or_default();
    let deed = Deed::of_user("email_changed", id).with("new_email", &address);
    let row = deed.row(services, &id, client)?;
    let stamp = link::stamp(services).await?;
    let changed = services.store.change_user(id, |user| {
        if user.epoch != secret.epoch {
            return Ok(None);
        }
        let old = std::mem::replace(&mut user.email, address.clone());
        user.email_verified = true;
        let mut writes = address_writes(id, &old, &address);
        writes.push(row.clone());
        writes.push(mail_write(&mail::email_changed(&stamp, user, &old)?)?);
        Ok(Some(writes))
    });
    match changed.await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(ApiError::new(Code::SecretInvalid)),
        Err(StoreError::ConditionAt(1)) => return Err(ApiError::new(Code::EmailInUse)),
        Err(error) => return Err(error.into()),
    }
    services.credentials.forget_user(id);
    Ok(())
}
