//! Sending the browser to a provider.

use crate::oauth::provider::{Provider, Request};
use auth::{pkce, secret};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::account::UserId;
use domain::bucket;
use runtime::{Config, Services, entropy};
use serde::Serialize;
use std::collections::BTreeMap;
use store::flows::Flow;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, ClientInfo, Params, PathParams, SessionCaller, quota};
use wire::Code;

/// Cookie that binds a login to its browser.
pub const COOKIE: &str = "em_oauth_state";
/// Seconds a login may take.
pub const FLOW_SECS: i64 = 600;

/// Which providers are set up.
#[utoipa::path(get, path = "/api/auth/oauth/config", tag = "oauth",
    responses((status = 200, body = BTreeMap<String, bool>)))]
pub async fn config(
    State(services): State<Services>,
) -> ApiResult<Json<BTreeMap<&'static str, bool>>> {
    let settings = services.settings().await?;
    let pairs = [
        ("github", settings.github.is_some()),
        ("oidc", settings.oidc.is_some()),
    ];
    Ok(Json(BTreeMap::from(pairs)))
}

/// Sends the browser to the provider to log in.
#[utoipa::path(get, path = "/api/auth/oauth/{provider}/start", tag = "oauth",
    params(("provider" = String, Path, description = "github or oidc"), ("redirect" = Option<String>, Query)),
    responses((status = 302, description = "to the provider"), (status = 404, description = "not set up"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn start(
    State(services): State<Services>,
    client: ClientInfo,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    Provider::find(path.text(0), &*services.settings().await?)?;
    quota::take(&services, bucket::LOGIN, client.network()).await?;
    let (url, cookie) = begin(&services, path.text(0), None, params.text("redirect")).await?;
    Ok(sent(&url, &cookie))
}

/// Sends the browser to the provider to link an account there.
#[utoipa::path(get, path = "/api/auth/oauth/{provider}/link/start", tag = "oauth",
    params(("provider" = String, Path, description = "github or oidc"), ("redirect" = Option<String>, Query)),
    responses((status = 302, description = "to the provider"), (status = 403, description = "not a browser session"),
        (status = 404, description = "not set up")))]
pub async fn link_start(
    State(services): State<Services>,
    caller: SessionCaller,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let (url, cookie) = begin_link(&services, &caller, &path, &params).await?;
    Ok(sent(&url, &cookie))
}

/// The same by POST.
#[utoipa::path(post, path = "/api/auth/oauth/{provider}/link/start", tag = "oauth",
    params(("provider" = String, Path, description = "github or oidc"), ("redirect" = Option<String>, Query)),
    responses((status = 302, description = "to the provider"), (status = 403, description = "not a browser session"),
        (status = 404, description = "not set up")))]
pub async fn link_start_post(
    services: State<Services>,
    caller: SessionCaller,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    link_start(services, caller, path, params).await
}

/// Where to go.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizeOut {
    /// Address at the provider.
    pub authorize_url: String,
}

/// The address at the provider, for pages that go there themselves; sets the same cookie.
#[utoipa::path(post, path = "/api/auth/oauth/{provider}/link/init", tag = "oauth",
    params(("provider" = String, Path, description = "github or oidc"), ("redirect" = Option<String>, Query)),
    responses((status = 200, body = AuthorizeOut), (status = 403, description = "not a browser session"),
        (status = 404, description = "not set up")))]
pub async fn link_init(
    State(services): State<Services>,
    caller: SessionCaller,
    path: PathParams,
    params: Params,
) -> ApiResult<Response> {
    let (authorize_url, cookie) = begin_link(&services, &caller, &path, &params).await?;
    let mut response = Json(AuthorizeOut { authorize_url }).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn begin_link(
    services: &Services,
    caller: &SessionCaller,
    path: &PathParams,
    params: &Params,
) -> ApiResult<(String, HeaderValue)> {
    let user = caller.identity.user.id;
    let redirect = params.text("redirect").unwrap_or("/settings/profile");
    begin(services, path.text(0), Some(user), Some(redirect)).await
}

async fn begin(
    services: &Services,
    name: &str,
    link_user: Option<UserId>,
    redirect: Option<&str>,
) -> ApiResult<(String, HeaderValue)> {
    let settings = services.settings().await?;
    let (provider, client) = Provider::find(name, &settings)?;
    let [state, browser, verifier, nonce] = [(); 4].map(|()| secret::encode(entropy::bytes()));
    let request = Request {
        client,
        redirect_uri: &provider.redirect_uri(&services.config, &settings),
        state: &state,
        challenge: &pkce::challenge(&verifier),
        nonce: &nonce,
        signup: link_user.is_none(),
    };
    let url = provider.authorize_url(services, &settings, &request).await;
    let url = url.map_err(|_| ApiError::new(Code::StorageBusy).retry_after(5))?;
    let flow = Flow {
        provider: provider.name().to_owned(),
        browser: secret::digest(&browser),
        verifier,
        nonce,
        link_user,
        // Only pages of ours: `//host` would be somebody else's.
        redirect: redirect
            .filter(|r| r.starts_with('/') && !r.starts_with("//") && !r.contains('\\'))
            .map(str::to_owned),
        expires_at: services.clock.now().plus_secs(FLOW_SECS),
    };
    services
        .store
        .begin_flow(&secret::digest(&state), &flow)
        .await?;
    Ok((url, cookie(&services.config, &browser, FLOW_SECS)?))
}

/// The cookie; zero seconds clear it. It goes to both addresses a provider may send people back to.
pub fn cookie(config: &Config, value: &str, secs: i64) -> ApiResult<HeaderValue> {
    let secure = if config.base_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let text =
        format!("{COOKIE}={value}; Max-Age={secs}; Path=/api; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(|_| ApiError::new(Code::Internal))
}

/// A redirect that sets the cookie.
pub fn sent(url: &str, cookie: &HeaderValue) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(url) = HeaderValue::from_str(url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    response
        .headers_mut()
        .insert(header::SET_COOKIE, cookie.clone());
    response
}
