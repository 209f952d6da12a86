//! API tokens: `em_live_` or `em_view_`, an 8-character public part, 19 secret characters.
//!
//! The secret has more than 110 bits, so the hash at rest needs no slowness, only to be one-way.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use domain::account::TokenScope;

/// Length of the public part.
const LOOKUP: usize = 8;
/// Length of public part and secret.
const BODY: usize = 27;

/// A token taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// What it may do.
    pub scope: TokenScope,
    /// The public part it is looked up by.
    pub lookup: &'a str,
}

/// The prefix of a scope.
pub fn prefix(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Reporter => "em_live_",
        TokenScope::Viewer => "em_view_",
    }
}

/// A new token from 20 random bytes.
pub fn format(scope: TokenScope, entropy: [u8; 20]) -> String {
    format!("{}{}", prefix(scope), URL_SAFE_NO_PAD.encode(entropy))
}

/// Takes a token apart; `None` when it is none.
pub fn parse(token: &str) -> Option<Parts<'_>> {
    let scope = [TokenScope::Reporter, TokenScope::Viewer]
        .into_iter()
        .find(|scope| token.starts_with(prefix(*scope)))?;
    let body = &token[prefix(scope).len()..];
    let fits = body.len() == BODY && is_base64url(body);
    fits.then(|| Parts {
        scope,
        lookup: &body[..LOOKUP],
    })
}

/// What agents' tokens begin with.
pub const AGENT_PREFIX: &str = "ag_live_";
/// Length of an agent's token behind that.
const AGENT_BODY: usize = 43;

/// A new token of an agent from 32 random bytes.
pub fn format_agent(entropy: [u8; 32]) -> String {
    format!("{AGENT_PREFIX}{}", URL_SAFE_NO_PAD.encode(entropy))
}

/// The public part an agent's token is looked up by; `None` when it is none.
pub fn parse_agent(token: &str) -> Option<&str> {
    let body = token.strip_prefix(AGENT_PREFIX)?;
    (body.len() == AGENT_BODY && is_base64url(body)).then(|| &body[..LOOKUP])
}

fn is_base64url(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(1024, 1, 1, None).expect("constant parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hash of the whole token for storage.
pub fn hash(token: &str, salt: [u8; 16]) -> String {
    let salt = SaltString::from_b64(&STANDARD_NO_PAD.encode(salt))
        .expect("sixteen bytes are a valid salt");
    hasher()
        .hash_password(token.as_bytes(), &salt)
        .expect("constant parameters are valid")
        .to_string()
}

/// Whether `token` is the one hashed.
pub fn verify(token: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| hasher().verify_password(token.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_tokens_have_their_own_shape() {
        let token = format_agent([9; 32]);
        assert_eq!(token.len(), 51);
        assert_eq!(parse_agent(&token).map(str::len), Some(8));
        assert_eq!(parse(&token), None);
        assert_eq!(parse_agent(&format(TokenScope::Reporter, [9; 20])), None);
        assert_eq!(parse_agent("ag_live_short"), None);
    }

    #[test]
    fn tokens_have_their_shape_and_verify() {
        let token = format(TokenScope::Reporter, [9; 20]);
        assert_eq!(token.len(), 35);
        let parts = parse(&token).expect("a token");
        assert_eq!((parts.scope, parts.lookup.len()), (TokenScope::Reporter, 8));
        let hash = hash(&token, [3; 16]);
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify(&token, &hash));
        assert!(!verify(&format(TokenScope::Reporter, [8; 20]), &hash));
        for bad in [
            "",
            "em_live_",
            "em_live_short",
            "ag_live_123456789012345678901234567",
            "em_live_ééééééééééééé",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
