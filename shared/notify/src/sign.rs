//! Signatures of those who want one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What begins a secret of Standard Webhooks.
pub const WEBHOOK_PREFIX: &str = "whsec_";

fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Signature of a Feishu robot at `secs` since the epoch: the text is the key and nothing is signed.
pub fn feishu(secret: &str, secs: i64) -> String {
    hmac(format!("{secs}\n{secret}").as_bytes(), b"")
}

/// Signature of a DingTalk robot at `millis` since the epoch.
pub fn dingtalk(secret: &str, millis: i64) -> String {
    let text = format!("{millis}\n{secret}");
    hmac(secret.as_bytes(), text.as_bytes())
}

/// Key bytes of a secret of Standard Webhooks; `None` when it is no such secret.
pub fn webhook_key(secret: &str) -> Option<Vec<u8>> {
    let text = secret.strip_prefix(WEBHOOK_PREFIX)?;
    let key = STANDARD.decode(text).ok()?;
    (24..=64).contains(&key.len()).then_some(key)
}

/// A secret of Standard Webhooks made of random bytes.
pub fn webhook_secret(random: [u8; 32]) -> String {
    format!("{WEBHOOK_PREFIX}{}", STANDARD.encode(random))
}

/// `webhook-signature` of a message.
pub fn webhook(key: &[u8], id: &str, secs: i64, body: &str) -> String {
    format!("v1,{}", hmac(key, format!("{id}.{secs}.{body}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_of_standard_webhooks_signs_alike() {
        let key = webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            webhook(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn secrets_are_long_enough_or_none() {
        assert!(webhook_key(&webhook_secret([7; 32])).is_some());
        for text in [
            "",
            "whsec_",
            "whsec_AAAA",
            "whsec_!",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert_eq!(webhook_key(text), None, "{text}");
        }
    }
}
