//! `POST /api/tokens`: a new token, shown once.

use crate::view::TokenOut;
use auth::token;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::{ApiToken, TokenScope};
use domain::limits::TOKENS_PER_USER;
use domain::time::Timestamp;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::tokens::Added;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Invalid, SessionCaller};
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
        if services.store.add_token(&token, made).await? == Added::Done {
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
    let refuse = |name, rule, msg: &str, input| {
        Err(ApiError::invalid(&[Invalid::at(
            &["body", name],
            rule,
            msg,
            input,
        )]))
    };
    match wish.name.chars().count() {
        0 => {
            let msg = "String should have at least 1 character";
            return refuse("name", "string_too_short", msg, json!(wish.name));
        }
        1..=64 => {}
        _ => {
            let msg = "String should have at most 64 characters";
            return refuse("name", "string_too_long", msg, json!(wish.name));
        }
    }
    match wish
        .expires_at
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        None => Ok(None),
        Some(text) => match Timestamp::parse(text) {
            Some(at) => Ok(Some(at)),
            None => {
                let msg = "Input should be an RFC 3339 instant";
                refuse("expires_at", "datetime_parsing", msg, json!(text))
            }
        },
    }
}
