//! Permission as an argument: what a handler's signature asks for is what the caller must be.
//!
//! No caller type in the signature means the route is public.

use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::quota;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, header};
use domain::access::Actor;
use domain::account::{TokenScope, User};
use domain::bucket;
use runtime::{Credential, Identity, Refused, Services};
use std::convert::Infallible;
use std::net::Ipv6Addr;
use std::ops::Deref;
use wire::Code;

/// Any valid credential. A viewer token passes only for safe methods.
#[derive(Clone, Debug)]
pub struct Caller(pub Identity);

/// Any valid credential, viewer tokens included, whatever the method: for routes that act on the
/// credential itself.
#[derive(Clone, Debug)]
pub struct AnyCaller(pub Identity);

/// Somebody with a valid credential, or nobody in particular: for reads that public projects open
/// to everybody. What such a handler loads decides what nobody may see.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<Identity>);

/// Whoever looks at something.
pub trait Viewer: Sync {
    /// The caller as the access rules see it; `None`: nobody in particular.
    fn viewer(&self) -> Option<Actor>;
}

impl Viewer for Identity {
    fn viewer(&self) -> Option<Actor> {
        Some(self.actor())
    }
}

impl Viewer for Caller {
    fn viewer(&self) -> Option<Actor> {
        Some(self.0.actor())
    }
}

impl Viewer for Visitor {
    fn viewer(&self) -> Option<Actor> {
        self.0.as_ref().map(Identity::actor)
    }
}

impl Visitor {
    /// The person; nobody in particular is asked to log in.
    pub fn known(&self) -> ApiResult<&Identity> {
        let known = self.0.as_ref();
        known.ok_or_else(|| ApiError::new(Code::AuthRequired))
    }
}

/// A browser session; API tokens are refused.
#[derive(Clone, Debug)]
pub struct SessionCaller {
    /// Who.
    pub identity: Identity,
    /// Which session.
    pub jti: String,
}

/// A reporter token (`em_live_`).
#[derive(Clone, Debug)]
pub struct Reporter(pub Identity);

/// A reporter token, or the token of one run, which the access rules keep to its batch.
#[derive(Clone, Debug)]
pub struct RunReporter(pub Identity);

/// As [`Caller`], or the token of one run: for what scripts do beside reporting.
#[derive(Clone, Debug)]
pub struct RunCaller(pub Caller);

/// An administrator.
#[derive(Clone, Debug)]
pub struct Admin(pub Identity);

/// Any valid credential, taken from the header or, when that is absent, from `token=` in the
/// query: browsers cannot set headers on an event stream.
#[derive(Clone)]
pub struct StreamCaller {
    /// Who.
    pub identity: Identity,
    bearer: String,
}

impl StreamCaller {
    /// Whether the credential still holds: streams outlive logouts and bans.
    pub async fn still_valid(&self, services: &Services) -> bool {
        !matches!(
            resolve(Some(&self.bearer), services).await,
            Err(error) if matches!(error.code(), Code::AuthRequired | Code::TokenInvalid)
        )
    }
}

impl Deref for Caller {
    type Target = Identity;
    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl Caller {
    /// The person.
    pub fn user(&self) -> &User {
        &self.0.user
    }
}

pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn resolve(token: Option<&str>, services: &Services) -> ApiResult<Identity> {
    let token = token.ok_or_else(|| ApiError::new(Code::AuthRequired))?;
    let now = services.clock.now();
    match services
        .credentials
        .resolve(&services.store, now, token)
        .await
    {
        Ok(identity) => Ok(identity),
        Err(Refused::Invalid) if token.starts_with("em_") => Err(ApiError::new(Code::TokenInvalid)),
        Err(Refused::Invalid) => Err(ApiError::new(Code::AuthRequired)),
        Err(Refused::Store(error)) => Err(error.into()),
    }
}

fn scope(identity: &Identity) -> Option<TokenScope> {
    match identity.credential {
        Credential::Token { scope, .. } => Some(scope),
        Credential::Session { .. } | Credential::Run { .. } => None,
    }
}

fn is_of_run(identity: &Identity) -> bool {
    matches!(identity.credential, Credential::Run { .. })
}

/// What is for people: the token of a run gets nowhere.
fn of_person(identity: Identity) -> ApiResult<Identity> {
    match is_of_run(&identity) {
        true => Err(ApiError::new(Code::RunTokenLimited)),
        false => Ok(identity),
    }
}

impl FromRequestParts<Services> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let identity = resolve(bearer(parts), services).await?;
        let safe = matches!(parts.method, Method::GET | Method::HEAD);
        if scope(&identity) == Some(TokenScope::Viewer) && !safe {
            return Err(ApiError::new(Code::ReadOnlyToken));
        }
        of_person(identity).map(Self)
    }
}

impl FromRequestParts<Services> for RunCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let identity = resolve(bearer(parts), services).await?;
        if is_of_run(&identity) {
            return Ok(Self(Caller(identity)));
        }
        Caller::from_request_parts(parts, services).await.map(Self)
    }
}

impl FromRequestParts<Services> for RunReporter {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let identity = resolve(bearer(parts), services).await?;
        if is_of_run(&identity) {
            return Ok(Self(identity));
        }
        let Reporter(identity) = Reporter::from_request_parts(parts, services).await?;
        Ok(Self(identity))
    }
}

impl FromRequestParts<Services> for Visitor {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        match parts.headers.contains_key(header::AUTHORIZATION) {
            // A credential that does not hold is an error, not a way to be nobody.
            true => {
                let Caller(identity) = Caller::from_request_parts(parts, services).await?;
                Ok(Self(Some(identity)))
            }
            false => {
                let client = client_of(parts);
                quota::take(services, bucket::ANONYMOUS, client.network()).await?;
                Ok(Self(None))
            }
        }
    }
}

impl FromRequestParts<Services> for AnyCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let identity = resolve(bearer(parts), services).await?;
        of_person(identity).map(Self)
    }
}

impl FromRequestParts<Services> for SessionCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let identity = resolve(bearer(parts), services).await?;
        match &identity.credential {
            Credential::Session { jti, .. } => Ok(Self {
                jti: jti.clone(),
                identity,
            }),
            Credential::Token { .. } | Credential::Run { .. } => {
                Err(ApiError::new(Code::SessionRequired))
            }
        }
    }
}

impl FromRequestParts<Services> for Reporter {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let identity = resolve(bearer(parts), services).await?;
        if scope(&identity) == Some(TokenScope::Reporter) {
            Ok(Self(identity))
        } else {
            Err(ApiError::new(Code::ReporterRequired))
        }
    }
}

impl FromRequestParts<Services> for Admin {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let Caller(identity) = Caller::from_request_parts(parts, services).await?;
        if identity.user.is_admin {
            Ok(Self(identity))
        } else {
            Err(ApiError::new(Code::AdminRequired))
        }
    }
}

impl FromRequestParts<Services> for StreamCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let query = Params::parse(parts.uri.query().unwrap_or_default());
        let token = match parts.headers.contains_key(header::AUTHORIZATION) {
            true => bearer(parts),
            false => query.text("token").filter(|t| !t.is_empty()),
        };
        let identity = of_person(resolve(token, services).await?)?;
        Ok(Self {
            identity,
            bearer: token.unwrap_or_default().to_owned(),
        })
    }
}

/// What is known of the client's machine. Never used for permission.
#[derive(Clone, Debug, Default)]
pub struct ClientInfo {
    /// Address of the peer, or what the trusted front door says it is.
    pub ip: Option<String>,
    /// Browser, cut to 512 characters.
    pub user_agent: Option<String>,
}

impl ClientInfo {
    /// The network limits are counted for: an address, of IPv6 the half that a site is given.
    /// Clients whose address is not known share one.
    pub fn network(&self) -> String {
        let Some(ip) = &self.ip else {
            return "unknown".to_owned();
        };
        match ip.parse::<Ipv6Addr>() {
            Ok(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => v4.to_string(),
                None => {
                    let [a, b, c, d, ..] = v6.segments();
                    format!("{a:x}:{b:x}:{c:x}:{d:x}")
                }
            },
            Err(_) => ip.clone(),
        }
    }
}

/// Peer address, put into the request by whoever accepted the connection.
#[derive(Clone, Debug)]
pub struct PeerIp(pub String);

impl<S: Sync> FromRequestParts<S> for ClientInfo {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(client_of(parts))
    }
}

fn client_of(parts: &Parts) -> ClientInfo {
    let user_agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok());
    ClientInfo {
        ip: parts.extensions.get::<PeerIp>().map(|p| p.0.clone()),
        user_agent: user_agent.map(|v| v.chars().take(512).collect()),
    }
}
