//! `POST /api/auth/register`: a new account.

use crate::{link, mail, passwords};
use auth::{rules, secret};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use domain::account::User;
use domain::bucket;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::accounts::Registered;
use store::outbox::mail_write;
use store::secrets::{Purpose, secret_write};
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, Invalid, Visitor, quota};
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
    /// What makes the first account administrator, where the installation asks for it.
    #[serde(default)]
    setup_token: Option<String>,
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
    client: ClientInfo,
    Body(wish): Body<RegisterIn>,
) -> ApiResult<(StatusCode, Json<RegisterOut>)> {
    check(&wish)?;
    quota::take(&services, bucket::REGISTER, client.network()).await?;
    let name = wish.username.clone();
    let done = create(&services, &headers, &client, wish).await;
    if let Err(error) = &done {
        let deed = Deed::new("register_failed", "user", name);
        let deed = deed.with("reason", error.code().as_str());
        deed.note(&services, &Visitor(None), &client).await;
    }
    done
}

async fn create(
    services: &Services,
    headers: &HeaderMap,
    client: &ClientInfo,
    wish: RegisterIn,
) -> ApiResult<(StatusCode, Json<RegisterOut>)> {
    let leads = may_lead(services, wish.setup_token.as_deref())?;
    let closed = !services.settings().await?.registration_open;
    if closed || !leads {
        match services.store.has_admin().await? {
            true if closed => return Err(ApiError::new(Code::RegistrationClosed)),
            // Nobody comes before whoever set the installation up.
            false if !leads => return Err(ApiError::new(Code::SetupTokenRequired)),
            _ => {}
        }
    }
    let language = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let locale = Locale::negotiate(language);
    let hash = passwords::hash(wish.password).await?;
    for _ in 0..DRAWS {
        let stamp = link::stamp(services).await?;
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
            locale: locale.as_str().to_owned(),
            hide_demo: false,
            epoch: 0,
            links: vec![],
        };
        let (secret, link) = link::one_time(services, &user, Purpose::Verify, &user.email);
        let mail = mail::verification(&stamp, &user, &link)?;
        let deed = Deed::of_user("register", user.id);
        let also = vec![
            secret_write(&secret)?,
            mail_write(&mail)?,
            deed.row(services, &user.id, client)?,
        ];
        match services.store.register(&user, leads, also).await? {
            Registered::Done(is_admin) => {
                tracing::info!(user.id, is_admin, "account {} registered", user.username);
                let out = RegisterOut {
                    user_id: user.id,
                    require_verify: true,
                };
                return Ok((StatusCode::CREATED, Json(out)));
            }
            Registered::UsernameTaken => return Err(ApiError::new(Code::UsernameTaken)),
            Registered::LinkTaken => return Err(ApiError::new(Code::Internal)),
            Registered::EmailTaken => return Err(ApiError::new(Code::EmailTaken)),
            Registered::IdTaken => {}
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// Whether this registration may make an administrator, if it is the first.
fn may_lead(services: &Services, given: Option<&str>) -> ApiResult<bool> {
    match (&services.config.setup_token, given) {
        (None, _) => Ok(true),
        (Some(_), None) => Ok(false),
        // Digests take equally long to compare, wherever they differ.
        (Some(token), Some(given)) if secret::digest(token) == secret::digest(given) => Ok(true),
        (Some(_), Some(_)) => Err(ApiError::new(Code::SetupTokenWrong)),
    }
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
