//! Passwords of people: argon2id, slow on purpose. Callers keep it off their async threads.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::sync::LazyLock;

/// Hash of nobody's password, so that an unknown user costs as much as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password", [7; 16]));

/// Hashes a password with a fresh random salt into a PHC string.
pub fn hash(password: &str, salt: [u8; 16]) -> String {
    let salt = SaltString::from_b64(&STANDARD_NO_PAD.encode(salt))
        .expect("sixteen bytes are a valid salt");
    Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .expect("default parameters are valid")
        .to_string()
}

/// Whether `password` is the one hashed; false for a damaged hash.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Takes as long as [`verify`], for a user who does not exist.
pub fn verify_nobody(password: &str) {
    std::hint::black_box(verify(password, &NOBODY));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits() {
        let hash = hash("correct-horse-7", [1; 16]);
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct-horse-7", &hash));
        assert!(!verify("correct-horse-8", &hash));
        assert!(!verify("correct-horse-7", "damaged"));
    }
}
