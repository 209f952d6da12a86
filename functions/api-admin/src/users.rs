//! `GET /api/admin/users`: everybody with an account, newest first.

use axum::extract::State;
use axum::response::Response;
use domain::account::User;
use domain::time::Timestamp;
use futures::{StreamExt, TryStreamExt};
use runtime::Services;
use serde::Serialize;
use store::StoreError;
use store::locks::LoginLock;
use utoipa::ToSchema;
use web::page::{decode_cursor, page};
use web::{Admin, ApiError, ApiResult, Params};
use wire::Code;

/// Accounts read together.
const PAGE: usize = 200;
/// Accounts one request looks at; a rare search goes on by its cursor.
const LOOKED: usize = 20_000;
/// Accounts whose locks are read at the same time.
const AT_ONCE: usize = 16;

/// An account, seen by an administrator.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdminUserOut {
    /// Id.
    pub id: u64,
    /// Login name.
    pub username: String,
    /// Address.
    pub email: String,
    /// False while banned.
    pub is_active: bool,
    /// Administrator.
    pub is_admin: bool,
    /// The address was confirmed.
    pub email_verified: bool,
    /// When the account was made.
    pub created_at: String,
    /// Last login.
    pub last_login: Option<String>,
    /// Wrong passwords since the last success or lock, from all networks together.
    pub failed_login_count: u32,
    /// Until when some network may not log in.
    pub locked_until: Option<String>,
}

/// An account with what is known of its locks.
pub async fn view(services: &Services, user: &User) -> Result<AdminUserOut, StoreError> {
    let now = services.clock.now();
    let who = user.id.to_string();
    let LoginLock { failures, until } = services.store.login_locks(&who, now).await?;
    Ok(AdminUserOut {
        id: user.id,
        username: user.username.clone(),
        email: user.email.clone(),
        is_active: user.is_active,
        is_admin: user.is_admin,
        email_verified: user.email_verified,
        created_at: user.created_at.to_text(),
        last_login: user.last_login.map(Timestamp::to_text),
        failed_login_count: failures,
        locked_until: until.map(Timestamp::to_text),
    })
}

/// Whom to list.
struct Wanted {
    /// Part of a name or address, lower-case.
    text: String,
    admin: Option<bool>,
    active: Option<bool>,
    verified: Option<bool>,
}

impl Wanted {
    fn read(params: &Params) -> ApiResult<Self> {
        let flag = |name| match params.text(name) {
            None => Ok(None),
            Some(_) => params.flag(name, false).map(Some),
        };
        Ok(Self {
            text: params.text("q").unwrap_or_default().trim().to_lowercase(),
            admin: flag("is_admin")?,
            active: flag("is_active")?,
            verified: flag("email_verified")?,
        })
    }

    fn has(&self, user: &User) -> bool {
        let fits = |wish: Option<bool>, is: bool| wish.is_none_or(|wish| wish == is);
        fits(self.admin, user.is_admin)
            && fits(self.active, user.is_active)
            && fits(self.verified, user.email_verified)
            && (user.username.to_lowercase().contains(&self.text)
                || user.email.contains(&self.text))
    }
}

/// Lists accounts, newest first.
#[utoipa::path(get, path = "/api/admin/users", tag = "admin",
    params(("q" = Option<String>, Query, description = "part of the name or address"),
        ("is_admin" = Option<bool>, Query), ("is_active" = Option<bool>, Query),
        ("email_verified" = Option<bool>, Query), ("limit" = Option<i64>, Query, description = "1 to 1000"),
        ("offset" = Option<i64>, Query), ("cursor" = Option<String>, Query, description = "of X-Next-Cursor")),
    responses((status = 200, body = [AdminUserOut]), (status = 403, description = "not an administrator"),
        (status = 422, description = "parameters")))]
pub async fn list_users(
    State(services): State<Services>,
    _: Admin,
    params: Params,
) -> ApiResult<Response> {
    let limit = params.integer("limit", 100, 1..=1000)? as usize;
    let mut skip = params.integer("offset", 0, 0..=1_000_000)?;
    let wanted = Wanted::read(&params)?;
    let mut before = match decode_cursor(params.text("cursor"))? {
        None => None,
        Some(text) => {
            let id: Result<u64, _> = text.parse();
            Some(id.map_err(|_| ApiError::new(Code::CursorInvalid))?)
        }
    };
    let (mut found, mut looked, mut more) = (Vec::new(), 0, true);
    'pages: while more && looked < LOOKED {
        let users = services.store.users_before(before, PAGE).await?;
        more = users.len() == PAGE;
        looked += users.len();
        for user in users {
            if found.len() == limit {
                more = true;
                break 'pages;
            }
            before = Some(user.id);
            if !wanted.has(&user) {
                continue;
            }
            match skip {
                0 => found.push(user),
                _ => skip -= 1,
            }
        }
    }
    let next = before.filter(|_| more).map(|id| id.to_string());
    let services = &services;
    let rows: Vec<AdminUserOut> = futures::stream::iter(found)
        .map(|user| async move { view(services, &user).await })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(page(rows, next.as_deref()))
}
