//! `POST /api/auth/login`: a session for name or address and password.

use crate::session;
use crate::view::TokenResponse;
use auth::password;
use axum::Json;
use axum::extract::State;
use domain::account::User;
use domain::time::Timestamp;
use runtime::{Config, Services};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo};
use wire::Code;

/// Credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginIn {
    /// Name in its exact case, or address.
    username_or_email: String,
    /// Password.
    password: String,
}

/// Logs in. Five wrong passwords lock the account for a while.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = LoginIn,
    responses((status = 200, body = TokenResponse), (status = 401, description = "wrong"),
        (status = 422, description = "invalid input"), (status = 423, description = "locked, see Retry-After")))]
pub async fn login(
    State(services): State<Services>,
    client: ClientInfo,
    Body(wish): Body<LoginIn>,
) -> ApiResult<Json<TokenResponse>> {
    let name = wish.username_or_email.trim();
    let found = match services.store.user_by_name(name).await? {
        Some(user) => Some(user.value),
        None => services
            .store
            .user_by_email(&name.to_lowercase())
            .await?
            .map(|u| u.value),
    };
    let now = services.clock.now();
    if let Some(until) = found
        .as_ref()
        .and_then(|u| u.locked_until)
        .filter(|end| *end > now)
    {
        return Err(locked(until, now));
    }
    let right = fits(found.as_ref(), wish.password).await?;
    let Some(user) = found else {
        return Err(ApiError::new(Code::BadLogin));
    };
    if !right {
        let config = &services.config;
        services
            .store
            .update_user(user.id, |user| note_failure(user, config, now))
            .await?;
        return Err(ApiError::new(Code::BadLogin));
    }
    if !user.is_active {
        return Err(ApiError::new(Code::BadLogin));
    }
    let user = services
        .store
        .update_user(user.id, |user| {
            user.failed_logins = 0;
            user.locked_until = None;
            user.last_login = Some(now);
        })
        .await?
        .ok_or_else(|| ApiError::new(Code::BadLogin))?;
    tracing::info!(user.id, "login of {}", user.username);
    Ok(Json(session::open(&services, &user, client).await?))
}

/// Whether the password fits; takes equally long for somebody who does not exist.
async fn fits(user: Option<&User>, text: String) -> ApiResult<bool> {
    let hash = user.and_then(|user| user.password_hash.clone());
    tokio::task::spawn_blocking(move || match hash {
        Some(hash) => password::verify(&text, &hash),
        None => {
            password::verify_nobody(&text);
            false
        }
    })
    .await
    .map_err(|_| ApiError::new(Code::Internal))
}

fn note_failure(user: &mut User, config: &Config, now: Timestamp) {
    user.failed_logins += 1;
    if user.failed_logins >= config.login_max_failures {
        user.failed_logins = 0;
        user.locked_until = Some(now.plus_secs(config.login_lock_secs));
    }
}

fn locked(until: Timestamp, now: Timestamp) -> ApiError {
    let secs = until.secs_since(now).ceil().max(1.0) as u64;
    ApiError::with(Code::LoginLocked, [secs.div_ceil(60)]).retry_after(secs)
}
