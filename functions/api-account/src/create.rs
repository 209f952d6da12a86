//! `POST /api/tokens`: a new token, shown once.

use crate::length;
use crate::view::TokenOut;
use auth::token;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::{ApiToken, TokenScope};
use domain::limits::{TOKEN_NAME_CHARS, TOKENS_PER_USER};
use domain::time::Timestamp;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::tokens::Added;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, Invalid, SessionCaller};
use wire::Code;

/// Rounds after collisions and races.
const ROUNDS: usize = 64;

/// Wish for a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreateIn {
    /// 1 to 64 characters.
    name: String,
    /// `reporter` or `viewer`.
    #[schema(value_type = String)]
    scope: TokenScope,
    /// RFC 3339; blank or null: never.
    #[serde(default)]
    expires_at: Option<String>,
}

/// The token with its text, which is never shown again.
#[derive(Serialize, ToSchema)]
pub struct TokenCreateOut {
    /// The token.
    #[serde(flatten)]
    pub shown: TokenOut,
    /// Its text.
    pub token: String,
}

/// Creates a token. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/tokens", tag = "tokens", request_body = TokenCreateIn,
    responses((status = 201, body = TokenCreateOut), (status = 403, description = "not a browser session"),
        (status = 409, description = "too many tokens"), (status = 422, description = "invalid input")))]
pub async fn create_token(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
    Body(wish): Body<TokenCreateIn>,
) -> ApiResult<(StatusCode, Json<TokenCreateOut>)> {
    let expires_at = check(&wish)?;
    let user_id = caller.identity.user.id;
    for _ in 0..ROUNDS {
        // Read before counting: the write is refused if another token was made since.
        let made = services.store.tokens_made(user_id).await?;
        let active = services
            .store
            .tokens(user_id)
            .await?
            .iter()
            .filter(|t| !t.revoked)
            .count();
        if active >= TOKENS_PER_USER {
            return Err(ApiError::with(Code::TokenCap, [TOKENS_PER_USER]));
        }
        let now = services.clock.now();
        let text = token::format(wish.scope, entropy::bytes());
        let parts = token::parse(&text).ok_or_else(|| ApiError::new(Code::Internal))?;
        let token = ApiToken {
            id: entropy::new_id(now),
            user_id,
            name: wish.name.clone(),
            lookup: parts.lookup.to_owned(),
            hash: token::hash(&text, entropy::bytes()),
            scope: wish.scope,
            created_at: now,
            last_used: None,
            expires_at,
            revoked: false,
        };
        let deed = Deed::new("token_create", "api_token", token.id)
            .with("name", &token.name)
            .with("scope", TokenOut::from(&token).scope);
        let also = vec![deed.row(&services, &user_id, &client)?];
        if services.store.add_token(&token, made, also).await? == Added::Done {
            let out = TokenCreateOut {
                shown: TokenOut::from(&token),
                token: text,
            };
            return Ok((StatusCode::CREATED, Json(out)));
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

fn check(wish: &TokenCreateIn) -> ApiResult<Option<Timestamp>> {
    length::check("name", &wish.name, 1..=TOKEN_NAME_CHARS)?;
    match wish
        .expires_at
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        None => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| {
            let msg = "Input should be an RFC 3339 instant";
            let loc = ["body", "expires_at"];
            let problem = Invalid::at(&loc, "datetime_parsing", msg, json!(text));
            ApiError::invalid(&[problem])
        }),
    }
}
