//! What differs between providers.

use crate::oauth::{github, oidc};
use runtime::config::Client;
use runtime::outbound::Content;
use runtime::settings::Values;
use runtime::{Config, Services};
use store::flows::Flow;
use web::{ApiError, ApiResult};
use wire::Code;

/// Why a login failed, as the page that shows it knows it.
pub type Reason = &'static str;

/// Somebody whom the provider vouches for.
#[derive(Clone, Debug)]
pub struct Person {
    /// The provider's id; never changes there.
    pub subject: String,
    /// Login name there.
    pub login: String,
    /// Lower-cased address that the provider verified.
    pub email: String,
    /// The provider says that this is an administrator.
    pub is_admin: bool,
}

/// A provider that is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// GitHub.
    Github,
    /// OpenID Connect.
    Oidc,
}

/// What an authorization request carries.
pub struct Request<'a> {
    /// Our id there.
    pub client: &'a Client,
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
    /// State.
    pub state: &'a str,
    /// Proof key challenge, S256.
    pub challenge: &'a str,
    /// Nonce for the ID token.
    pub nonce: &'a str,
    /// Whether the provider may offer to make an account.
    pub signup: bool,
}

impl Provider {
    /// The provider named in a path, if it is set up, with our client there.
    pub fn find<'a>(name: &str, settings: &'a Values) -> ApiResult<(Self, &'a Client)> {
        let found = match name {
            "github" => settings
                .github
                .as_ref()
                .map(|client| (Self::Github, client)),
            "oidc" => settings.oidc.as_ref().map(|client| (Self::Oidc, client)),
            _ => None,
        };
        found.ok_or_else(|| ApiError::new(Code::ProviderDisabled))
    }

    /// Its name in paths and rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Oidc => "oidc",
        }
    }

    /// Where the browser comes back to.
    pub fn redirect_uri(self, config: &Config, settings: &Values) -> String {
        if self == Self::Github && !settings.github_callback.is_empty() {
            return settings.github_callback.clone();
        }
        let (base, name) = (&config.base_url, self.name());
        format!("{base}/api/auth/oauth/{name}/callback")
    }

    /// The address that asks the provider.
    pub async fn authorize_url(
        self,
        services: &Services,
        settings: &Values,
        request: &Request<'_>,
    ) -> Result<String, Reason> {
        match self {
            Self::Github => Ok(github::authorize_url(&services.config, request)),
            Self::Oidc => oidc::authorize_url(services, &settings.oidc_issuer, request).await,
        }
    }

    /// Who the code stands for.
    pub async fn person(
        self,
        services: &Services,
        settings: &Values,
        client: &Client,
        code: &str,
        flow: &Flow,
    ) -> Result<Person, Reason> {
        let exchange = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
            ("code", code),
            (
                "redirect_uri",
                &self.redirect_uri(&services.config, settings),
            ),
            ("code_verifier", &flow.verifier),
        ]);
        match self {
            Self::Github => github::person(services, exchange).await,
            Self::Oidc => oidc::person(services, settings, client, exchange, flow).await,
        }
    }
}

/// Pairs as a query or form.
pub fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The JSON of a good answer.
pub async fn fetch(
    services: &Services,
    url: &str,
    bearer: Option<&str>,
    body: Option<String>,
    reason: Reason,
) -> Result<serde_json::Value, Reason> {
    let bytes = fetch_bytes(services, url, bearer, body, reason).await?;
    serde_json::from_slice(&bytes).map_err(|_| reason)
}

/// The body of a good answer.
pub async fn fetch_bytes(
    services: &Services,
    url: &str,
    bearer: Option<&str>,
    body: Option<String>,
    reason: Reason,
) -> Result<Vec<u8>, Reason> {
    let bearer = bearer.map(|bearer| format!("Bearer {bearer}"));
    let mut headers = vec![("accept", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let content = body.map(Content::form);
    match services.outbound.send(url, &headers, content).await {
        Ok(answer) if answer.status == 200 => Ok(answer.body),
        Ok(answer) => {
            tracing::warn!(
                status = answer.status,
                "identity provider refused: {reason}"
            );
            Err(reason)
        }
        Err(cause) => {
            tracing::warn!(%cause, "identity provider: {reason}");
            Err(reason)
        }
    }
}
