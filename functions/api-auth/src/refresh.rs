//! `POST /api/auth/refresh`: a new session for a running one.

use crate::session;
use crate::view::TokenResponse;
use axum::Json;
use axum::extract::State;
use runtime::{Credential, Services};
use web::{AnyCaller, ApiError, ApiResult, ClientInfo};
use wire::Code;

/// Replaces the session the request came with by a fresh one.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth",
    responses((status = 200, body = TokenResponse), (status = 401, description = "no valid session")))]
pub async fn refresh(
    State(services): State<Services>,
    AnyCaller(caller): AnyCaller,
    client: ClientInfo,
) -> ApiResult<Json<TokenResponse>> {
    let Credential::Session { jti, .. } = &caller.credential else {
        return Err(ApiError::new(Code::AuthRequired));
    };
    // The new one first: a crash in between leaves two sessions, never none.
    let session = session::fresh(&services, &caller.user, &client);
    services.store.add_session(&session).await?;
    let fresh = session::signed(&services, &caller.user, &session).await?;
    let now = services.clock.now();
    services
        .store
        .revoke_session(caller.user.id, jti, now, vec![])
        .await?;
    services.credentials.forget_user(caller.user.id);
    Ok(Json(fresh))
}
