//! Unlinking a provider, and a password for accounts that came without one.

use crate::oauth::provider::Provider;
use crate::passwords;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::User;
use runtime::Services;
use serde::Deserialize;
use store::flows::provider_release_write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, PathParams, SessionCaller};
use wire::Code;

/// Unlinks the caller's account at the provider.
#[utoipa::path(post, path = "/api/auth/oauth/{provider}/unlink", tag = "oauth",
    params(("provider" = String, Path, description = "github or oidc")),
    responses((status = 204, description = "unlinked"), (status = 403, description = "not a browser session"),
        (status = 404, description = "not set up"), (status = 409, description = "not linked, or no password to log in with")))]
pub async fn unlink(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let settings = services.settings().await?;
    let (provider, _) = Provider::find(path.text(0), &settings)?;
    let (id, name) = (caller.identity.user.id, provider.name());
    let deed = Deed::of_user("oauth_unlink", id).with("via", name);
    let row = deed.row(&services, &id, &client)?;
    let mut refused = Code::AuthRequired;
    let changed = services.store.change_user(id, |user| {
        let Some(at) = user.links.iter().position(|link| link.provider == name) else {
            refused = Code::NotLinked;
            return Ok(None);
        };
        if user.password_hash.is_none() {
            refused = Code::PasswordNeeded;
            return Ok(None);
        }
        let link = user.links.remove(at);
        Ok(Some(vec![
            provider_release_write(name, &link.subject),
            row.clone(),
        ]))
    });
    let changed = changed.await?;
    done(&services, changed, refused)
}

/// A first password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPasswordIn {
    /// 10 to 256 characters with a letter and a digit.
    new_password: String,
}

/// Sets a password for an account that has none.
#[utoipa::path(post, path = "/api/auth/oauth/{provider}/set-password", tag = "oauth", request_body = SetPasswordIn,
    params(("provider" = String, Path, description = "github or oidc")),
    responses((status = 204, description = "set"), (status = 403, description = "not a browser session"),
        (status = 404, description = "not set up"), (status = 409, description = "there is one already"),
        (status = 422, description = "invalid input")))]
pub async fn set_password(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<SetPasswordIn>,
) -> ApiResult<StatusCode> {
    Provider::find(path.text(0), &*services.settings().await?)?;
    passwords::check("new_password", &wish.new_password)?;
    let id = caller.identity.user.id;
    let hash = passwords::hash(wish.new_password).await?;
    let deed = Deed::of_user("password_set_for_oauth_user", id);
    let row = deed.row(&services, &id, &client)?;
    let changed = services.store.change_user(id, |user| {
        if user.password_hash.is_some() {
            return Ok(None);
        }
        user.password_hash = Some(hash.clone());
        Ok(Some(vec![row.clone()]))
    });
    let changed = changed.await?;
    done(&services, changed, Code::PasswordPresent)
}

fn done(services: &Services, changed: Option<User>, refused: Code) -> ApiResult<StatusCode> {
    let user = changed.ok_or_else(|| ApiError::new(refused))?;
    services.credentials.forget_user(user.id);
    Ok(StatusCode::NO_CONTENT)
}
