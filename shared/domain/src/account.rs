//! Users, sessions and API tokens.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Numeric id of a user, see [`crate::ids::time_ordered_id`].
pub type UserId = u64;

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Login name in the case the person chose; unique without regard to case.
    pub username: String,
    /// Lower-cased address; unique.
    pub email: String,
    /// argon2id PHC string; `None` for accounts that only log in through a provider.
    pub password_hash: Option<String>,
    /// Administrator.
    pub is_admin: bool,
    /// The address was confirmed by following a mailed link.
    pub email_verified: bool,
    /// False while banned.
    pub is_active: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Last successful login.
    pub last_login: Option<Timestamp>,
    /// Language of mails, e.g. `zh-CN`.
    pub locale: String,
    /// Does not want to see the demo project.
    #[serde(default)]
    pub hide_demo: bool,
    /// Grows when the password changes or all sessions are ended at once: sessions and mailed
    /// links of an older epoch are void.
    #[serde(default)]
    pub epoch: u32,
    /// Accounts elsewhere that may log in as this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// An account at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `github` or `oidc`.
    pub provider: String,
    /// The provider's id of the account; never changes there.
    pub subject: String,
    /// Login name there, for people to read.
    pub login: String,
}

/// Whether `text` is a locale as people may choose one: `ll-CC`. Any such tag is kept, also of
/// languages that have no texts yet.
pub fn is_locale(text: &str) -> bool {
    match text.as_bytes() {
        [language @ .., b'-', a, b] => {
            language.len() == 2
                && language.iter().all(u8::is_ascii_lowercase)
                && a.is_ascii_uppercase()
                && b.is_ascii_uppercase()
        }
        _ => false,
    }
}

/// One login of one browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Id inside the JWT.
    pub jti: String,
    /// Whose.
    pub user_id: UserId,
    /// Login time.
    pub issued_at: Timestamp,
    /// End of the JWT.
    pub expires_at: Timestamp,
    /// Browser, at most 512 characters.
    pub user_agent: Option<String>,
    /// Client address.
    pub ip: Option<String>,
    /// Last request, written at most once a minute.
    pub last_seen_at: Option<Timestamp>,
    /// Set by logout, refresh or revoke.
    pub revoked_at: Option<Timestamp>,
    /// Epoch of the user it was opened in.
    #[serde(default)]
    pub epoch: u32,
}

/// What an API token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// `em_live_`: may post events and do what its owner may.
    Reporter,
    /// `em_view_`: reads only.
    Viewer,
}

/// An API token without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Id.
    pub id: u64,
    /// Whose.
    pub user_id: UserId,
    /// Name the person gave it.
    pub name: String,
    /// The short public part it is looked up by.
    pub lookup: String,
    /// argon2id hash of the whole token.
    pub hash: String,
    /// Scope.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last use, written at most once a minute.
    pub last_used: Option<Timestamp>,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
    /// Withdrawn by its owner.
    pub revoked: bool,
}

#[cfg(test)]
mod tests {
    use super::is_locale;

    #[test]
    fn locales_are_two_letters_and_a_country() {
        assert!(is_locale("en-US") && is_locale("fr-FR"));
        for text in [
            "", "en", "EN-US", "en-us", "en_US", "eng-US", "en-USA", "en-US\n", "é-US",
        ] {
            assert!(!is_locale(text), "{text:?}");
        }
    }
}
