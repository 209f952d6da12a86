//! Requests to addresses that people chose: resolved here, checked, and connected to as checked.
//!
//! The name is resolved once and the connection goes to an address that passed, so nothing can
//! change between the check and the use. No redirects, a bound on time and size, a fresh
//! connection each time. Errors never name the address, which may hold a secret.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use notify::address::is_public;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// Longest wait for a connection to one address.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest a whole request may take.
const REQUEST: Duration = Duration::from_secs(20);
/// Largest answer that is read.
const ANSWER_BYTES: usize = 64 * 1024;
/// Addresses of one name that are tried.
const ADDRESSES: usize = 4;

/// Where requests may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The open internet, over https.
    Public,
    /// Everywhere, over plain http too.
    Anywhere,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Only https is allowed.
    #[error("only https addresses are allowed")]
    Scheme,
    /// The name leads into a private network, or nowhere public.
    #[error("the address is not a public one")]
    Private,
    /// The name is unknown.
    #[error("the host name cannot be resolved")]
    Unresolved,
    /// Nobody listens.
    #[error("the host does not accept connections")]
    Unreachable,
    /// No encrypted connection came about.
    #[error("the encrypted connection failed")]
    Tls,
    /// The connection broke, or the answer is no HTTP.
    #[error("the connection broke before the answer was complete")]
    Broken,
    /// The answer is too large.
    #[error("the answer is too large")]
    Large,
    /// Too slow.
    #[error("no answer in time")]
    Slow,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status; redirects are not followed.
    pub status: u16,
    /// Body.
    pub body: Bytes,
}

/// Sends requests.
#[derive(Clone)]
pub struct Client {
    reach: Reach,
    tls: TlsConnector,
}

impl Client {
    /// A client that trusts what the machine trusts.
    pub fn new(reach: Reach) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            reach,
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// A client that reaches private addresses only if that is allowed.
    pub fn within(private_allowed: bool) -> Self {
        Self::new(match private_allowed {
            true => Reach::Anywhere,
            false => Reach::Public,
        })
    }

    /// Sends a POST and reads its answer.
    pub async fn post(
        &self,
        url: &Url,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        self.send(url, request(Method::POST, url, headers, body)?)
            .await
    }

    /// Sends a GET and reads its answer.
    pub async fn get(&self, url: &Url) -> Result<Answer, ClientError> {
        self.send(url, request(Method::GET, url, vec![], vec![])?)
            .await
    }

    async fn send(&self, url: &Url, request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        let answer = tokio::time::timeout(REQUEST, self.exchange(url, request)).await;
        answer.unwrap_or(Err(ClientError::Slow))
    }

    async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, ClientError> {
        let encrypted = match (url.scheme(), self.reach) {
            ("https", _) => true,
            ("http", Reach::Anywhere) => false,
            _ => return Err(ClientError::Scheme),
        };
        let stream = self.connect(url).await?;
        if !encrypted {
            return send(stream, request).await;
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()),
            Some(Host::Ipv4(ip)) => Ok(ServerName::from(std::net::IpAddr::from(ip))),
            Some(Host::Ipv6(ip)) => Ok(ServerName::from(std::net::IpAddr::from(ip))),
            None => return Err(ClientError::Unresolved),
        };
        let name = name.map_err(|_| ClientError::Unresolved)?;
        let stream = self.tls.connect(name, stream).await;
        send(stream.map_err(|_| ClientError::Tls)?, request).await
    }

    async fn connect(&self, url: &Url) -> Result<TcpStream, ClientError> {
        let port = url.port_or_known_default().ok_or(ClientError::Scheme)?;
        let found: Vec<SocketAddr> = match url.host().ok_or(ClientError::Unresolved)? {
            Host::Ipv4(ip) => vec![(ip, port).into()],
            Host::Ipv6(ip) => vec![(ip, port).into()],
            Host::Domain(name) => tokio::net::lookup_host((name, port))
                .await
                .map_err(|_| ClientError::Unresolved)?
                .collect(),
        };
        let allowed = |at: &SocketAddr| self.reach == Reach::Anywhere || is_public(at.ip());
        // One private address among public ones is no accident.
        if found.is_empty() || !found.iter().all(allowed) {
            return Err(ClientError::Private);
        }
        for address in found.into_iter().take(ADDRESSES) {
            let connecting = TcpStream::connect(address);
            if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT, connecting).await {
                return Ok(stream);
            }
        }
        Err(ClientError::Unreachable)
    }
}

fn request(
    method: Method,
    url: &Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
) -> Result<Request<Full<Bytes>>, ClientError> {
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, host)
        .header(header::USER_AGENT, "argus")
        .header(header::CONNECTION, "close")
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| ClientError::Unresolved)?;
    request.headers_mut().extend(headers);
    Ok(request)
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, ClientError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |_| ClientError::Broken;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect();
        let body = body
            .await
            .map_err(|e| match e.is::<http_body_util::LengthLimitError>() {
                true => ClientError::Large,
                false => ClientError::Broken,
            })?;
        let body = body.to_bytes();
        Ok(Answer { status, body })
    };
    // The connection is driven here and ends here: no task outlives the request.
    tokio::pin!(connection, exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        _ = &mut connection => exchange.await,
    }
}
