//! The caller's sessions: list and revoke.

use crate::view::OkOut;
use axum::Json;
use axum::extract::State;
use runtime::{Credential, Services};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed, PathParams};
use wire::Code;

/// A session that still holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveSessionOut {
    /// Id.
    pub jti: String,
    /// Login time.
    pub issued_at: String,
    /// End.
    pub expires_at: String,
    /// Browser.
    pub user_agent: Option<String>,
    /// Client address.
    pub ip: Option<String>,
    /// Last request, a minute coarse.
    pub last_seen_at: Option<String>,
    /// The one this request came with.
    pub is_current: bool,
}

/// Lists the caller's sessions, newest first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "auth",
    responses((status = 200, body = Vec<ActiveSessionOut>), (status = 401, description = "no valid credential")))]
pub async fn list_sessions(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ActiveSessionOut>>> {
    let current = match &caller.credential {
        Credential::Session { jti, .. } => Some(jti.as_str()),
        Credential::Token { .. } | Credential::Run { .. } => None,
    };
    // The caller may come from a cache that is some seconds old.
    let user = services.store.user(caller.user().id).await?;
    let user = user.ok_or_else(|| ApiError::new(Code::AuthRequired))?;
    let sessions = services
        .store
        .sessions(&user.value, services.clock.now())
        .await?;
    let rows = sessions.into_iter().map(|session| ActiveSessionOut {
        is_current: current == Some(session.jti.as_str()),
        issued_at: session.issued_at.to_text(),
        expires_at: session.expires_at.to_text(),
        last_seen_at: session.last_seen_at.map(|t| t.to_text()),
        user_agent: session.user_agent,
        ip: session.ip,
        jti: session.jti,
    });
    Ok(Json(rows.collect()))
}

/// Ends one of the caller's sessions; repeating it is fine.
#[utoipa::path(post, path = "/api/auth/sessions/{jti}/revoke", tag = "auth",
    params(("jti" = String, Path)),
    responses((status = 200, body = OkOut), (status = 404, description = "no such session of the caller")))]
pub async fn revoke_session(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<OkOut>> {
    let (id, jti, now) = (caller.user().id, path.text(0), services.clock.now());
    let row = Deed::new("session_revoked", "session", jti).row(&services, &caller, &client)?;
    let ended = services.store.revoke_session(id, jti, now, vec![row]);
    if !ended.await? {
        return Err(ApiError::new(Code::SessionNotFound));
    }
    services.credentials.forget_user(id);
    Ok(Json(OkOut::new("revoked")))
}
