//! Texts we sign and later believe: nothing is stored of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 4096;

/// A key of its own per purpose: what signs sessions must not sign links.
fn key(purpose: &str, secret: &str) -> hmac::Key {
    let own = Sha256::new()
        .chain_update(format!("argus {purpose}:").as_bytes())
        .chain_update(secret.as_bytes())
        .finalize();
    hmac::Key::new(hmac::HMAC_SHA256, &own)
}

/// The signed text of `value`, which fits a query.
pub fn sign(purpose: &str, secret: &str, value: &impl Serialize) -> String {
    let payload = serde_json::to_vec(value).expect("plain fields always encode");
    let signature = hmac::sign(&key(purpose, secret), &payload);
    let (payload, signature) = (
        URL_SAFE_NO_PAD.encode(payload),
        URL_SAFE_NO_PAD.encode(signature.as_ref()),
    );
    format!("{payload}.{signature}")
}

/// Reads a text we signed for this purpose; `None` for any other.
pub fn open<T: DeserializeOwned>(purpose: &str, secret: &str, text: &str) -> Option<T> {
    let (payload, signature) = text.split_once('.').filter(|_| text.len() <= LONGEST)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    hmac::verify(&key(purpose, secret), &payload, &signature).ok()?;
    serde_json::from_slice(&payload).ok()
}
