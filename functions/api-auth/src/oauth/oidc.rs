//! OpenID Connect: discovery, code exchange, signed ID token.

use crate::oauth::provider::{Person, Reason, Request, fetch, fetch_bytes, form};
use auth::id_token::{self, Expected};
use runtime::Services;
use runtime::config::Client;
use runtime::settings::Values;
use serde_json::{Map, Value};
use store::flows::Flow;

/// Addresses the provider publishes.
struct Published {
    authorize: String,
    token: String,
    keys: String,
}

async fn discover(services: &Services, issuer: &str) -> Result<Published, Reason> {
    const FAILED: Reason = "discovery_failed";
    let root = issuer.trim_end_matches('/');
    let url = format!("{root}/.well-known/openid-configuration");
    let document = fetch(services, &url, None, None, FAILED).await?;
    // A document of another issuer would vouch for other people.
    if document["issuer"].as_str() != Some(issuer) {
        return Err(FAILED);
    }
    let text = |name: &str| document[name].as_str().map(str::to_owned).ok_or(FAILED);
    Ok(Published {
        authorize: text("authorization_endpoint")?,
        token: text("token_endpoint")?,
        keys: text("jwks_uri")?,
    })
}

/// The address that asks the provider.
pub async fn authorize_url(
    services: &Services,
    issuer: &str,
    request: &Request<'_>,
) -> Result<String, Reason> {
    let base = discover(services, issuer).await?.authorize;
    let query = form(&[
        ("response_type", "code"),
        ("client_id", &request.client.id),
        ("redirect_uri", request.redirect_uri),
        ("scope", "openid profile email"),
        ("state", request.state),
        ("nonce", request.nonce),
        ("code_challenge", request.challenge),
        ("code_challenge_method", "S256"),
    ]);
    let joint = if base.contains('?') { '&' } else { '?' };
    Ok(format!("{base}{joint}{query}"))
}

/// Exchanges the code and reads the ID token.
pub async fn person(
    services: &Services,
    settings: &Values,
    client: &Client,
    exchange: String,
    flow: &Flow,
) -> Result<Person, Reason> {
    let published = discover(services, &settings.oidc_issuer).await?;
    let failed = "exchange_failed";
    let answer = fetch(services, &published.token, None, Some(exchange), failed).await?;
    let token = answer["id_token"].as_str().ok_or(failed)?;
    let keys = fetch_bytes(services, &published.keys, None, None, "keys_failed").await?;
    let expected = Expected {
        issuer: &settings.oidc_issuer,
        client_id: &client.id,
        nonce: &flow.nonce,
    };
    let now = services.clock.now();
    let claims = id_token::verify(token, &keys, &expected, now).ok_or("id_token_invalid")?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let email = text("email")
        .filter(|_| verified)
        .ok_or("no_verified_email")?;
    let subject = text("sub").ok_or("id_token_invalid")?;
    let login = text("preferred_username").or_else(|| email.split('@').next());
    let (claim, group) = &settings.oidc_groups;
    Ok(Person {
        subject: subject.to_owned(),
        login: login.unwrap_or(subject).to_owned(),
        email: email.to_lowercase(),
        is_admin: !group.is_empty() && is_member(&claims, claim, group),
    })
}

fn is_member(claims: &Map<String, Value>, claim: &str, group: &str) -> bool {
    match claims.get(claim) {
        Some(Value::Array(groups)) => groups.iter().any(|g| g.as_str() == Some(group)),
        Some(Value::String(one)) => one == group,
        _ => false,
    }
}
