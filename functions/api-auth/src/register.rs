//! `POST /api/auth/register`: a new account.

use crate::mail;
use auth::{password, rules, secret};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use domain::account::User;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::accounts::Registered;
use store::secrets::Secret;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Invalid};
use wire::{Code, Locale};

/// Draws of an id before giving up; a collision is already one in thousands.
const DRAWS: usize = 4;

/// Wish for an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterIn {
    /// 3 to 32 letters, digits, `_` or `-`.
    username: String,
    /// Address; stored in lower case.
    email: String,
    /// 10 to 256 characters with a letter and a digit.
    password: String,
    /// Accepted and ignored.
    #[serde(default)]
    #[allow(dead_code)]
    invite_code: Option<String>,
}

/// The new account.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterOut {
    /// Id.
    pub user_id: u64,
    /// A verification mail is on its way.
    pub require_verify: bool,
}

/// Registers an account; the first one ever becomes administrator.
#[utoipa::path(post, path = "/api/auth/register", tag = "auth", request_body = RegisterIn,
    responses((status = 201, body = RegisterOut), (status = 403, description = "registration is closed"),
        (status = 409, description = "name or address taken"), (status = 422, description = "invalid input")))]
pub async fn register(
    State(services): State<Services>,
    headers: HeaderMap,
    Body(wish): Body<RegisterIn>,
) -> ApiResult<(StatusCode, Json<RegisterOut>)> {
    check(&wish)?;
    let closed = !services.config.registration_open;
    if closed && services.store.has_admin().await? {
        return Err(ApiError::new(Code::RegistrationClosed));
    }
    let language = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let locale = Locale::negotiate(language);
    let text = wish.password;
    let hash = tokio::task::spawn_blocking(move || password::hash(&text, entropy::bytes()))
        .await
        .map_err(|_| ApiError::new(Code::Internal))?;
    for _ in 0..DRAWS {
        let now = services.clock.now();
        let user = User {
            id: entropy::new_id(now),
            username: wish.username.clone(),
            email: wish.email.to_lowercase(),
            password_hash: Some(hash.clone()),
            is_admin: false,
            email_verified: false,
            is_active: true,
            created_at: now,
            last_login: None,
            failed_logins: 0,
            locked_until: None,
            locale: locale.as_str().to_owned(),
            hide_demo: false,
        };
        let text = secret::encode(entropy::bytes());
        let link = format!("{}/verify-email?token={text}", services.config.base_url);
        let one_time = Secret {
            digest: secret::digest(&text),
            purpose: "verify".into(),
            user_id: user.id,
            expires_at: now.plus_secs(services.config.email_verify_ttl_secs),
        };
        let mail = mail::verification(entropy::new_id(now), &user, locale, &link)
            .map_err(|_| ApiError::new(Code::Internal))?;
        match services.store.register(&user, &one_time, &mail).await? {
            Registered::Done(is_admin) => {
                tracing::info!(user.id, is_admin, "account {} registered", user.username);
                let out = RegisterOut {
                    user_id: user.id,
                    require_verify: true,
                };
                return Ok((StatusCode::CREATED, Json(out)));
            }
            Registered::UsernameTaken => return Err(ApiError::new(Code::UsernameTaken)),
            Registered::EmailTaken => return Err(ApiError::new(Code::EmailTaken)),
            Registered::IdTaken => {}
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

fn check(wish: &RegisterIn) -> ApiResult<()> {
    let mut problems = Vec::new();
    for (name, rule, verdict) in [
        (
            "username",
            "string_pattern_mismatch",
            rules::username(&wish.username),
        ),
        ("email", "value_error", rules::email(&wish.email)),
        ("password", "value_error", rules::password(&wish.password)),
    ] {
        if let Err(msg) = verdict {
            // A refused password is not repeated back.
            let input = match name {
                "username" => json!(wish.username),
                "email" => json!(wish.email),
                _ => json!("***"),
            };
            problems.push(Invalid::at(&["body", name], rule, msg, input));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(&problems))
    }
}
