//! `GET /api/tokens`: the caller's tokens.

use crate::view::TokenOut;
use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::{ApiResult, Params, SessionCaller};

/// Lists the caller's tokens, newest first.
#[utoipa::path(get, path = "/api/tokens", tag = "tokens",
    params(("include_revoked" = Option<bool>, Query), ("scope" = Option<String>, Query, description = "reporter or viewer")),
    responses((status = 200, body = Vec<TokenOut>), (status = 403, description = "not a browser session")))]
pub async fn list_tokens(
    State(services): State<Services>,
    caller: SessionCaller,
    params: Params,
) -> ApiResult<Json<Vec<TokenOut>>> {
    let all = params.flag("include_revoked", false)?;
    let scope = match params.text("scope") {
        None => None,
        Some(_) => Some(params.choice("scope", &["reporter", "viewer"])?),
    };
    let tokens = services.store.tokens(caller.identity.user.id).await?;
    let rows = tokens
        .iter()
        .filter(|t| all || !t.revoked)
        .map(TokenOut::from);
    Ok(Json(
        rows.filter(|t| scope.is_none_or(|s| s == t.scope))
            .collect(),
    ))
}
