//! Passwords in requests: their rules and their slow arithmetic.

use auth::{password, rules};
use domain::account::User;
use runtime::entropy;
use serde_json::json;
use web::{ApiError, ApiResult, Invalid};
use wire::Code;

/// Refuses a password in body field `field` that breaks the rules; it is not repeated back.
pub fn check(field: &str, text: &str) -> ApiResult<()> {
    rules::password(text).map_err(|msg| {
        let problem = Invalid::at(&["body", field], "value_error", msg, json!("***"));
        ApiError::invalid(&[problem])
    })
}

/// Hashes a password with a fresh salt, off the async threads.
pub async fn hash(text: String) -> ApiResult<String> {
    tokio::task::spawn_blocking(move || password::hash(&text, entropy::bytes()))
        .await
        .map_err(|_| ApiError::new(Code::Internal))
}

/// Whether the password fits; takes equally long for somebody who does not exist or has none.
pub async fn fits(user: Option<&User>, text: String) -> ApiResult<bool> {
    let hash = user.and_then(|user| user.password_hash.clone());
    tokio::task::spawn_blocking(move || match hash {
        Some(hash) => password::verify(&text, &hash),
        None => {
            password::verify_nobody(&text);
            false
        }
    })
    .await
    .map_err(|_| ApiError::new(Code::Internal))
}
