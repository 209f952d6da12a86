//! `POST /api/auth/login`: a session for name or address and password.

use crate::view::TokenResponse;
use crate::{passwords, session};
use auth::secret;
use axum::Json;
use axum::extract::State;
use domain::account::User;
use domain::bucket;
use domain::time::Timestamp;
use runtime::Services;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, Visitor, quota};
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

/// Logs in. Five wrong passwords from one address lock the account for that address for a while.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = LoginIn,
    responses((status = 200, body = TokenResponse), (status = 401, description = "wrong"),
        (status = 403, description = "the address must be confirmed first"),
        (status = 422, description = "invalid input"), (status = 423, description = "locked, see Retry-After"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn login(
    State(services): State<Services>,
    client: ClientInfo,
    Body(wish): Body<LoginIn>,
) -> ApiResult<Json<TokenResponse>> {
    let name = wish.username_or_email.trim();
    let network = client.network();
    quota::take(&services, bucket::LOGIN, &network).await?;
    let found = match services.store.user_by_name(name).await? {
        Some(user) => Some(user.value),
        None => services
            .store
            .user_by_email(&name.to_lowercase())
            .await?
            .map(|u| u.value),
    };
    // Names nobody has are counted and locked as well, or the lock would tell who exists.
    let who = match &found {
        Some(user) => user.id.to_string(),
        None => format!("?{}", secret::digest(&name.to_lowercase())),
    };
    let refuse = async |reason: &str, error: ApiError| {
        let deed = Deed::new("login_failed", "user", name).with("reason", reason);
        deed.note(&services, &Visitor(None), &client).await;
        error
    };
    let now = services.clock.now();
    if let Some(until) = services.store.login_lock(&who, &network, now).await? {
        return Err(refuse("locked", locked(until, now)).await);
    }
    strangers_wait(&services, found.as_ref(), &who, &network, now).await?;
    let right = passwords::fits(found.as_ref(), wish.password).await?;
    let user = found.filter(|user| right && user.is_active);
    if let Some(user) = user {
        let needed = services.settings().await?.email_verification_required;
        if needed && !user.email_verified && !user.is_admin {
            return Err(refuse("unverified", ApiError::new(Code::EmailUnverified)).await);
        }
        let deed = Deed::of_user("login_success", user.id);
        if let Some(token) = session::log_in(&services, &user, &client, deed).await? {
            tracing::info!(user.id, "login of {}", user.username);
            return Ok(Json(token));
        }
    } else if !right {
        let settings = services.settings().await?;
        let limit = (settings.login_max_failures, settings.login_lock_secs);
        services
            .store
            .count_wrong_password(&who, &network, now, limit)
            .await?;
    }
    Err(refuse("bad_credentials", ApiError::new(Code::BadLogin)).await)
}

/// Guesses from many addresses share one bucket per account. The networks its owner logs in from
/// pass by, so that strangers cannot keep the owner out.
async fn strangers_wait(
    services: &Services,
    user: Option<&User>,
    who: &str,
    network: &str,
    now: Timestamp,
) -> ApiResult<()> {
    let places = services.store.places(user.map_or(0, |u| u.id)).await?;
    if places.knows_network(network, now) {
        return Ok(());
    }
    quota::take(services, bucket::LOGIN_STRANGE, who).await
}

fn locked(until: Timestamp, now: Timestamp) -> ApiError {
    let secs = until.secs_since(now).ceil().max(1.0) as u64;
    ApiError::with(Code::LoginLocked, [secs.div_ceil(60)]).retry_after(secs)
}
