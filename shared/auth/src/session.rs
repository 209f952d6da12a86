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

/// A secret that signs or verifies.
#[derive(Clone)]
pub struct Secret {
    /// The secret.
    pub text: String,
    /// It verifies until then; `None`: without end.
    pub until: Option<Timestamp>,
}

impl Secret {
    /// A secret without end.
    pub fn lasting(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            until: None,
        }
    }
}

/// The public id of a secret, `kid` of the tokens it signs.
pub fn key_id(secret: &str) -> String {
    hex::encode(&Sha256::digest(secret.as_bytes())[..6])
}

struct Key {
    id: String,
    until: Option<Timestamp>,
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
    pub fn new(secrets: &[Secret], issuer: &str) -> Self {
        assert!(!secrets.is_empty(), "a key ring needs a key");
        let keys = secrets.iter().map(|secret| Key {
            id: key_id(&secret.text),
            until: secret.until,
            signs: EncodingKey::from_secret(secret.text.as_bytes()),
            verifies: DecodingKey::from_secret(secret.text.as_bytes()),
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

    /// Whether the ring has the key a token names; a newer ring may.
    pub fn knows(&self, token: &str) -> bool {
        let kid = decode_header(token).ok().and_then(|header| header.kid);
        kid.is_none_or(|kid| self.keys.iter().any(|key| key.id == kid))
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
            .filter(|key| key.until.is_none_or(|end| end > now))
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

    fn ring(secrets: &[&str], issuer: &str) -> KeyRing {
        let secrets: Vec<Secret> = secrets.iter().map(|s| Secret::lasting(s)).collect();
        KeyRing::new(&secrets, issuer)
    }

    #[test]
    fn a_key_ends_and_a_ring_says_which_it_has() {
        let mut old = Secret::lasting("old secret");
        let token = ring(&["old secret"], "argus").sign(5, "jti", NOW, NOW.plus_secs(600));
        old.until = Some(NOW.plus_secs(60));
        let both = KeyRing::new(&[Secret::lasting("new secret"), old], "argus");
        assert!(both.verify(&token, NOW).is_some());
        assert!(both.verify(&token, NOW.plus_secs(60)).is_none());
        assert!(both.knows(&token) && !ring(&["new secret"], "argus").knows(&token));
    }

    #[test]
    fn tokens_hold_until_they_end_and_not_when_touched() {
        let ring = ring(&["first secret"], "argus");
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
        let old = ring(&["old secret"], "argus");
        let token = old.sign(5, "jti", NOW, NOW.plus_secs(60));
        assert!(
            ring(&["new secret", "old secret"], "argus")
                .verify(&token, NOW)
                .is_some()
        );
        assert!(ring(&["new secret"], "argus").verify(&token, NOW).is_none());
        assert!(ring(&["old secret"], "other").verify(&token, NOW).is_none());
    }
}
