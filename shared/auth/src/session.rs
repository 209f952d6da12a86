//! Browser sessions: HS256 JSON web tokens, signed by one key, verified by several.

use domain::account::UserId;
use domain::time::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose session.
    pub user_id: UserId,
    /// Issued, unix seconds.
    pub iat: i64,
    /// Ends, unix seconds.
    pub exp: i64,
    /// Issuer.
    pub iss: String,
    /// Session id.
    pub jti: String,
}

struct Key {
    id: String,
    signs: EncodingKey,
    verifies: DecodingKey,
}

/// One signing key and any number that only verify.
pub struct KeyRing {
    keys: Vec<Key>,
    issuer: String,
}

impl KeyRing {
    /// A ring whose first secret signs.
    ///
    /// # Panics
    /// When `secrets` is empty: a server without a key cannot serve.
    pub fn new(secrets: &[&str], issuer: &str) -> Self {
        assert!(!secrets.is_empty(), "a key ring needs a key");
        let keys = secrets.iter().map(|secret| Key {
            id: hex::encode(&Sha256::digest(secret.as_bytes())[..6]),
            signs: EncodingKey::from_secret(secret.as_bytes()),
            verifies: DecodingKey::from_secret(secret.as_bytes()),
        });
        Self {
            keys: keys.collect(),
            issuer: issuer.to_owned(),
        }
    }

    /// Signs a session.
    pub fn sign(&self, user_id: UserId, jti: &str, now: Timestamp, ends: Timestamp) -> String {
        let claims = Claims {
            user_id,
            iat: now.secs(),
            exp: ends.secs(),
            iss: self.issuer.clone(),
            jti: jti.to_owned(),
        };
        let key = &self.keys[0];
        let header = Header {
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        encode(&header, &claims, &key.signs).expect("plain claims always encode")
    }

    /// The claims of a token that one of our keys signed and that has not ended.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["exp", "iss"]);
        // Time is ours to judge: it comes from the injected clock.
        rules.validate_exp = false;
        let known = |key: &&Key| header.kid.as_ref().is_none_or(|kid| *kid == key.id);
        let claims = self
            .keys
            .iter()
            .filter(known)
            .find_map(|key| decode::<Claims>(token, &key.verifies, &rules).ok())?
            .claims;
        (claims.exp > now.secs()).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn tokens_hold_until_they_end_and_not_when_touched() {
        let ring = KeyRing::new(&["first secret"], "argus");
        let token = ring.sign(5, "jti", NOW, NOW.plus_secs(60));
        let claims = ring.verify(&token, NOW).expect("valid");
        assert_eq!((claims.user_id, claims.jti.as_str()), (5, "jti"));
        assert_eq!(ring.verify(&token, NOW.plus_secs(60)), None);
        let (rest, signature) = token.rsplit_once('.').expect("three parts");
        let (head, _) = rest.split_once('.').expect("three parts");
        let forged = URL_SAFE_NO_PAD
            .encode(r#"{"user_id":1,"iat":0,"exp":9999999999,"iss":"argus","jti":"x"}"#);
        assert_eq!(
            ring.verify(&format!("{head}.{forged}.{signature}"), NOW),
            None
        );
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert_eq!(ring.verify(&format!("{none}.{forged}."), NOW), None);
        assert_eq!(ring.verify("garbage", NOW), None);
    }

    #[test]
    fn an_older_key_still_verifies_and_a_foreign_issuer_does_not() {
        let old = KeyRing::new(&["old secret"], "argus");
        let token = old.sign(5, "jti", NOW, NOW.plus_secs(60));
        assert!(
            KeyRing::new(&["new secret", "old secret"], "argus")
                .verify(&token, NOW)
                .is_some()
        );
        assert!(
            KeyRing::new(&["new secret"], "argus")
                .verify(&token, NOW)
                .is_none()
        );
        assert!(
            KeyRing::new(&["old secret"], "other")
                .verify(&token, NOW)
                .is_none()
        );
    }
}
