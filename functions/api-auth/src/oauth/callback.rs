//! The browser comes back from a provider.

use crate::oauth::enter;
use crate::oauth::provider::{Person, Provider, Reason, form};
use crate::oauth::start::{COOKIE, cookie, sent};
use auth::secret;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::bucket;
use runtime::Services;
use runtime::config::Client;
use runtime::settings::Values;
use store::flows::Flow;
use web::{ApiResult, ClientInfo, Params, PathParams, quota};

/// Finishes a login or a link; every outcome is a redirect to a page that shows it.
#[utoipa::path(get, path = "/api/auth/oauth/{provider}/callback", tag = "oauth",
    params(("provider" = String, Path, description = "github or oidc"),
        ("code" = Option<String>, Query), ("state" = Option<String>, Query)),
    responses((status = 302, description = "to the page that shows the outcome"),
        (status = 404, description = "not set up"), (status = 429, description = "too often, see Retry-After")))]
pub async fn callback(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
    params: Params,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let settings = services.settings().await?;
    let known = Provider::find(path.text(0), &settings)?;
    let provider = known.0;
    quota::take(&services, bucket::LOGIN, client.network()).await?;
    let state = params.text("state").unwrap_or_default();
    let now = services.clock.now();
    let flow = services
        .store
        .take_flow(&secret::digest(state), now)
        .await?;
    let browser = held(&headers).map(secret::digest);
    let ours =
        |flow: &Flow| flow.provider == provider.name() && Some(&flow.browser) == browser.as_ref();
    let flow = flow.filter(ours);
    let code = params.text("code").filter(|code| !code.is_empty());
    let person = person(&services, &settings, known, code, flow.as_ref()).await;
    let base = &services.config.base_url;
    let done = format!("{base}/login/oauth/complete");
    let redirect = flow.as_ref().and_then(|flow| flow.redirect.clone());
    let url = match (flow.and_then(|flow| flow.link_user), person) {
        (Some(user), Ok(person)) => {
            match enter::link(&services, &client, provider, user, &person).await? {
                Ok(()) => {
                    let mut pairs = vec![("bind_ok", "1")];
                    pairs.extend(redirect.as_deref().map(|r| ("redirect", r)));
                    format!("{done}?{}", form(&pairs))
                }
                Err(reason) => format!("{done}?{}", form(&[("bind_error", &reason)])),
            }
        }
        (Some(_), Err(reason)) => format!("{done}?{}", form(&[("bind_error", reason)])),
        (None, Ok(person)) => {
            match enter::log_in(&services, &client, provider, &person).await? {
                Ok(token) => {
                    let mut pairs = vec![
                        ("token", token.access_token.as_str()),
                        ("email", &token.user.email),
                        ("login", &person.login),
                    ];
                    pairs.extend(redirect.as_deref().map(|r| ("redirect", r)));
                    // Behind the hash: it reaches no server and no log.
                    format!("{done}#{}", form(&pairs))
                }
                Err(reason) => refused(base, provider, reason),
            }
        }
        (None, Err(reason)) => refused(base, provider, reason),
    };
    Ok(sent(&url, &cookie(&services.config, "", 0)?))
}

async fn person(
    services: &Services,
    settings: &Values,
    (provider, client): (Provider, &Client),
    code: Option<&str>,
    flow: Option<&Flow>,
) -> Result<Person, Reason> {
    let code = code.ok_or("code_missing")?;
    let flow = flow.ok_or("state_invalid")?;
    provider
        .person(services, settings, client, code, flow)
        .await
}

fn refused(base: &str, provider: Provider, reason: Reason) -> String {
    let error = format!("oauth_{}_failed", provider.name());
    let pairs = form(&[("error", &error), ("reason", reason)]);
    format!("{base}/login?{pairs}")
}

/// What the browser's cookie holds.
fn held(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter();
    let pairs = all
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}
