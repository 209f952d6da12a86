//! `/api/admin/security/jwt/…`: the keys that sign sessions.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use runtime::session_keys::Rotated;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use web::{Admin, ApiError, ApiResult, ClientInfo, Deed};
use wire::Code;

/// State of the keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct JwtStatusOut {
    /// Last rotation; null before the first.
    pub rotated_at: Option<String>,
    /// An older key still verifies.
    pub has_previous: bool,
    /// When the newest of those ends.
    pub previous_expires_at: Option<String>,
    /// Seconds a replaced key goes on verifying.
    pub grace_seconds: i64,
}

/// A new key.
#[derive(Debug, Serialize, ToSchema)]
pub struct JwtRotateOut {
    /// Since when it signs.
    pub rotated_at: String,
    /// Seconds the one before goes on verifying.
    pub grace_seconds: i64,
}

/// Shows when the keys of sessions were rotated. Never shows a key.
#[utoipa::path(get, path = "/api/admin/security/jwt/status", tag = "admin",
    responses((status = 200, body = JwtStatusOut), (status = 403, description = "not an administrator")))]
pub async fn show_status(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<JwtStatusOut>> {
    let keys = &services.credentials.keys;
    let status = keys.status(&services.store, services.clock.now()).await?;
    Ok(Json(JwtStatusOut {
        rotated_at: status.rotated_at.map(|at| at.to_text()),
        has_previous: status.previous_until.is_some(),
        previous_expires_at: status.previous_until.map(|at| at.to_text()),
        grace_seconds: keys.grace_secs(),
    }))
}

/// Makes a new key sign sessions. Nobody is logged out: the key before verifies through the grace.
#[utoipa::path(post, path = "/api/admin/security/jwt/rotate", tag = "admin",
    responses((status = 200, body = JwtRotateOut), (status = 403, description = "not an administrator"),
        (status = 429, description = "rotated within the last minute, see Retry-After")))]
pub async fn rotate(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
) -> ApiResult<Json<JwtRotateOut>> {
    let deed = Deed::new("jwt_rotate", "system_config", "jwt/current_secret");
    let row = deed.row(&services, &admin, &client)?;
    let keys = &services.credentials.keys;
    let now = services.clock.now();
    match keys.rotate(&services.store, now, row).await? {
        Rotated::At(at) => {
            tracing::info!(admin.user.id, "keys of sessions rotated");
            Ok(Json(JwtRotateOut {
                rotated_at: at.to_text(),
                grace_seconds: keys.grace_secs(),
            }))
        }
        Rotated::Wait(secs) => {
            let refused = ApiError::with(Code::RateLimited, [secs]).retry_after(secs);
            Err(refused.detail(json!({"retry_after": secs})))
        }
    }
}

/// The same under its short name.
#[utoipa::path(post, path = "/api/admin/jwt/rotate", tag = "admin",
    responses((status = 200, body = JwtRotateOut), (status = 403, description = "not an administrator"),
        (status = 429, description = "rotated within the last minute, see Retry-After")))]
pub async fn rotate_short(
    services: State<Services>,
    admin: Admin,
    client: ClientInfo,
) -> ApiResult<Json<JwtRotateOut>> {
    rotate(services, admin, client).await
}
