//! One-time links sent by mail.

use crate::mail::Stamp;
use auth::secret;
use domain::account::User;
use runtime::{Services, entropy};
use serde_json::json;
use store::StoreError;
use store::secrets::{Purpose, Secret};
use web::{ApiError, ApiResult, Invalid};

/// Shortest text that can be a secret.
const SHORTEST: usize = 8;

/// A fresh id, the time and the words somebody wrote, for a mail.
pub async fn stamp(services: &Services) -> Result<Stamp<'_>, StoreError> {
    let now = services.clock.now();
    Ok(Stamp {
        id: services.store.row_ids.take(now, 1),
        now,
        base_url: &services.config.base_url,
        settings: services.settings().await?,
    })
}

/// A secret for `user`, sent to `address`, and the link that carries its text.
pub fn one_time(
    services: &Services,
    user: &User,
    purpose: Purpose,
    address: &str,
) -> (Secret, String) {
    let config = &services.config;
    let (page, secs) = match purpose {
        Purpose::Verify => ("verify-email", config.email_verify_ttl_secs),
        Purpose::Reset => ("reset-password", config.password_reset_ttl_secs),
        Purpose::EmailChange => ("verify-new-email", config.email_change_ttl_secs),
    };
    let text = secret::encode(entropy::bytes());
    let link = format!("{}/{page}?token={text}", config.base_url);
    let secret = Secret {
        digest: secret::digest(&text),
        purpose,
        user_id: user.id,
        expires_at: services.clock.now().plus_secs(secs),
        address: Some(address.to_owned()),
        epoch: user.epoch,
        used: false,
    };
    (secret, link)
}

/// Refuses a text that is too short for a secret; `place` is where it came in.
pub fn check(place: &str, token: &str) -> ApiResult<()> {
    if token.chars().count() >= SHORTEST {
        return Ok(());
    }
    let msg = format!("String should have at least {SHORTEST} characters");
    let problem = Invalid::at(&[place, "token"], "string_too_short", msg, json!("***"));
    Err(ApiError::invalid(&[problem]))
}
