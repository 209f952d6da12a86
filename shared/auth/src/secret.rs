//! One-time secrets sent by mail: only their digest is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The 43-character text of 32 random bytes.
pub fn encode(entropy: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(entropy)
}

/// What is stored of a secret.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
