//! Secrets at rest: ChaCha20-Poly1305 under a key made from the installation's own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

/// Seals and opens.
pub struct Seal(LessSafeKey);

impl Seal {
    /// A seal whose key is made from `secret`, text of any length with enough randomness.
    pub fn new(secret: &str) -> Self {
        let key = Sha256::new()
            .chain_update(b"argus seal 1:")
            .chain_update(secret.as_bytes())
            .finalize();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key).expect("a digest is as long as a key");
        Self(LessSafeKey::new(key))
    }

    /// Seals `text` under the name `name`, which is needed to open it. `nonce` must be fresh.
    pub fn close(&self, name: &str, text: &str, nonce: [u8; NONCE_LEN]) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let once = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(once, Aad::from(name.as_bytes()), &mut bytes)
            .expect("a short text can be sealed");
        let whole: Vec<u8> = nonce.into_iter().chain(bytes).collect();
        STANDARD_NO_PAD.encode(whole)
    }

    /// Opens what was sealed under `name`; `None` for anything else, or with another key.
    pub fn open(&self, name: &str, sealed: &str) -> Option<String> {
        let whole = STANDARD_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = whole.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let once = Nonce::assume_unique_for_key(*nonce);
        let plain = self
            .0
            .open_in_place(once, Aad::from(name.as_bytes()), &mut rest);
        String::from_utf8(plain.ok()?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_name_open_it() {
        let seal = Seal::new("one");
        let sealed = seal.close("name", "secret", [3; 12]);
        assert!(!sealed.contains("secret"));
        assert_eq!(seal.open("name", &sealed).as_deref(), Some("secret"));
        assert_eq!(seal.open("other", &sealed), None);
        assert_eq!(Seal::new("two").open("name", &sealed), None);
        assert_eq!(seal.open("name", "damaged"), None);
    }
}
