//! GitHub.

use crate::oauth::provider::{Person, Reason, Request, fetch, form};
use runtime::{Config, Services};
use serde_json::Value;

/// The address that asks GitHub.
pub fn authorize_url(config: &Config, request: &Request<'_>) -> String {
    let query = form(&[
        ("client_id", &request.client.id),
        ("redirect_uri", request.redirect_uri),
        ("scope", "read:user user:email"),
        ("state", request.state),
        ("code_challenge", request.challenge),
        ("code_challenge_method", "S256"),
        (
            "allow_signup",
            if request.signup { "true" } else { "false" },
        ),
    ]);
    format!("{}/login/oauth/authorize?{query}", config.github_urls.0)
}

/// Exchanges the code and asks who it is.
pub async fn person(services: &Services, exchange: String) -> Result<Person, Reason> {
    let (web, api) = &services.config.github_urls;
    let url = format!("{web}/login/oauth/access_token");
    let answer = fetch(services, &url, None, Some(exchange), "exchange_failed").await?;
    let token = answer["access_token"].as_str().ok_or("exchange_failed")?;
    let ask = async |path: &str| {
        let url = format!("{api}{path}");
        fetch(services, &url, Some(token), None, "user_fetch_failed").await
    };
    let user = ask("/user").await?;
    let id = user["id"].as_u64().ok_or("user_fetch_failed")?;
    let login = user["login"].as_str().ok_or("user_fetch_failed")?;
    let emails = ask("/user/emails").await?;
    // The address of the profile may be unverified, so only this list counts.
    let main = |entry: &&Value| entry["primary"] == true && entry["verified"] == true;
    let main = emails.as_array().and_then(|list| list.iter().find(main));
    let email = main.and_then(|entry| entry["email"].as_str());
    Ok(Person {
        subject: id.to_string(),
        login: login.to_owned(),
        email: email.ok_or("no_verified_email")?.to_lowercase(),
        is_admin: false,
    })
}
