//! `DELETE /api/users/me`: the end of an account.

use auth::password;
use axum::Json;
use axum::extract::State;
use domain::account::User;
use domain::bucket;
use runtime::Services;
use serde::{Deserialize, Serialize};
use store::closing::Closed;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, SessionCaller, quota};
use wire::Code;

/// Proof that it is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseIn {
    /// Password of the account.
    #[serde(default)]
    password: Option<String>,
    /// The user name, for an account without a password.
    #[serde(default)]
    confirm: Option<String>,
}

/// The closed account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosedOut {
    /// Always true.
    pub ok: bool,
    /// Always `account-deleted`.
    pub detail: &'static str,
}

/// Closes the caller's account. Sessions and tokens end at once, batches are deleted.
#[utoipa::path(delete, path = "/api/users/me", tag = "account", request_body = CloseIn,
    responses((status = 200, body = ClosedOut), (status = 400, description = "not confirmed"),
        (status = 401, description = "wrong password"), (status = 403, description = "not a browser session"),
        (status = 409, description = "the last administrator"), (status = 422, description = "invalid input"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn close_account(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    Body(wish): Body<CloseIn>,
) -> ApiResult<Json<ClosedOut>> {
    let id = caller.identity.user.id;
    quota::take(&services, bucket::CLOSE, id).await?;
    let found = services.store.user(id).await?;
    let user = found
        .ok_or_else(|| ApiError::new(Code::AuthRequired))?
        .value;
    prove(&user, wish).await?;
    let deed = Deed::of_user("account_deleted", id).with("username", &user.username);
    let row = deed.row(&services, &id, &client)?;
    let now = services.clock.now();
    match services.store.close_account(id, &row, now).await? {
        Closed::Yes => {}
        Closed::LastAdmin => return Err(ApiError::new(Code::LastAdmin)),
        Closed::Missing => return Err(ApiError::new(Code::AuthRequired)),
    }
    services.credentials.forget_user(id);
    tracing::info!(user.id, "account {} closed", user.username);
    // The account is gone whatever happens here; what is left stays on the list of closings.
    if let Err(error) = services.store.finish_closing(id, now).await {
        tracing::warn!(cause = %error, user.id, "rows of a closed account remain for now");
    }
    Ok(Json(ClosedOut {
        ok: true,
        detail: "account-deleted",
    }))
}

async fn prove(user: &User, wish: CloseIn) -> ApiResult<()> {
    let Some(hash) = user.password_hash.clone() else {
        return match wish.confirm {
            Some(word) if word == user.username => Ok(()),
            _ => Err(ApiError::new(Code::ConfirmationWrong)),
        };
    };
    let text = wish.password.unwrap_or_default();
    let right = tokio::task::spawn_blocking(move || password::verify(&text, &hash)).await;
    match right {
        Ok(true) => Ok(()),
        Ok(false) => Err(ApiError::new(Code::PasswordWrong)),
        Err(_) => Err(ApiError::new(Code::Internal)),
    }
}
