//! What accounts look like to clients.

use domain::account::User;
use serde::Serialize;
use utoipa::ToSchema;

/// A user, seen by themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserOut {
    /// Id.
    pub id: u64,
    /// Login name.
    pub username: String,
    /// Address.
    pub email: String,
    /// Administrator.
    pub is_admin: bool,
    /// The address was confirmed.
    pub email_verified: bool,
    /// False while banned.
    pub is_active: bool,
    /// When the account was made.
    pub created_at: String,
    /// Last login.
    pub last_login: Option<String>,
    /// Linked GitHub login.
    pub github_login: Option<String>,
    /// Can log in with a password.
    pub has_password: bool,
    /// Hides the demo project.
    pub hide_demo: bool,
}

impl From<&User> for UserOut {
    fn from(user: &User) -> Self {
        let github = user.links.iter().find(|link| link.provider == "github");
        Self {
            id: user.id,
            username: user.username.clone(),
            email: user.email.clone(),
            is_admin: user.is_admin,
            email_verified: user.email_verified,
            is_active: user.is_active,
            created_at: user.created_at.to_text(),
            last_login: user.last_login.map(|t| t.to_text()),
            github_login: github.map(|link| link.login.clone()),
            has_password: user.password_hash.is_some(),
            hide_demo: user.hide_demo,
        }
    }
}

/// A fresh session.
#[derive(Serialize, ToSchema)]
pub struct TokenResponse {
    /// The session token.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// Whose it is.
    pub user: UserOut,
}

/// Done.
#[derive(Debug, Serialize, ToSchema)]
pub struct OkOut {
    /// Always true.
    pub ok: bool,
    /// What was done.
    pub detail: &'static str,
}

impl OkOut {
    /// Done, in a word.
    pub fn new(detail: &'static str) -> Self {
        Self { ok: true, detail }
    }
}

/// Done, with nothing to say.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneOut {
    /// Always true.
    pub ok: bool,
    /// Always null.
    pub detail: Option<String>,
}
