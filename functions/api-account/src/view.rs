//! What tokens look like to their owner.

use auth::token::prefix;
use domain::account::{ApiToken, TokenScope};
use serde::Serialize;
use utoipa::ToSchema;

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenOut {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// `em_live_` or `em_view_`.
    pub prefix: &'static str,
    /// What lists show of it.
    pub display_hint: &'static str,
    /// `reporter` or `viewer`.
    pub scope: &'static str,
    /// When it was made.
    pub created_at: String,
    /// Last use, a minute coarse.
    pub last_used: Option<String>,
    /// Refused from then on.
    pub expires_at: Option<String>,
    /// Withdrawn.
    pub revoked: bool,
}

impl From<&ApiToken> for TokenOut {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name.clone(),
            prefix: prefix(token.scope),
            display_hint: prefix(token.scope),
            scope: match token.scope {
                TokenScope::Reporter => "reporter",
                TokenScope::Viewer => "viewer",
            },
            created_at: token.created_at.to_text(),
            last_used: token.last_used.map(|t| t.to_text()),
            expires_at: token.expires_at.map(|t| t.to_text()),
            revoked: token.revoked,
        }
    }
}
