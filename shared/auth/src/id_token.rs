//! ID tokens of OpenID Connect providers.

use domain::time::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

/// Seconds the provider's clock may differ from ours.
const SKEW_SECS: i64 = 60;

/// What a token must be.
pub struct Expected<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`.
    pub client_id: &'a str,
    /// The nonce the login was begun with.
    pub nonce: &'a str,
}

/// The claims of a token that the provider signed for this very login and that has not ended.
/// Only signatures with a public key count.
pub fn verify(
    token: &str,
    keys: &[u8],
    expected: &Expected<'_>,
    now: Timestamp,
) -> Option<Map<String, Value>> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let header = decode_header(token).ok()?;
    let public = [
        ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512,
    ];
    if !public.contains(&header.alg) {
        return None;
    }
    let keys: JwkSet = serde_json::from_slice(keys).ok()?;
    let key = match &header.kid {
        Some(kid) => keys.find(kid)?,
        None if keys.keys.len() == 1 => keys.keys.first()?,
        None => return None,
    };
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.client_id]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Time is ours to judge: it comes from the injected clock.
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(key).ok()?;
    let claims = decode::<Map<String, Value>>(token, &key, &rules)
        .ok()?
        .claims;
    let lasts = claims.get("exp")?.as_i64()? + SKEW_SECS > now.secs();
    let ours = claims.get("nonce")?.as_str()? == expected.nonce;
    (lasts && ours).then_some(claims)
}
