//! `DELETE /api/tokens/{id}`: withdraws a token.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, ClientInfo, Deed, PathParams, SessionCaller};
use wire::Code;

/// The withdrawn token.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRevokeOut {
    /// Always true.
    pub ok: bool,
    /// `revoked` or `already-revoked`.
    pub detail: &'static str,
    /// Which.
    pub id: u64,
}

/// Withdraws a token at once; repeating it is fine.
#[utoipa::path(delete, path = "/api/tokens/{token_id}", tag = "tokens",
    params(("token_id" = u64, Path)),
    responses((status = 200, body = TokenRevokeOut), (status = 403, description = "not a browser session"),
        (status = 404, description = "no such token of the caller"), (status = 422, description = "not a number")))]
pub async fn revoke_token(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<TokenRevokeOut>> {
    let id = path.integer(0, "token_id")?;
    let user = caller.identity.user.id;
    let deed = Deed::new("token_revoke", "api_token", id);
    let row = deed.row(&services, &user, &client)?;
    let detail = match services.store.revoke_token(user, id, &row).await? {
        None => return Err(ApiError::new(Code::TokenNotFound)),
        Some(false) => "already-revoked",
        Some(true) => "revoked",
    };
    services.credentials.forget_user(user);
    Ok(Json(TokenRevokeOut {
        ok: true,
        detail,
        id,
    }))
}
