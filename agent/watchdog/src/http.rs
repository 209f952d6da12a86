//! One HTTPS request to somebody who is no Argus server: a model, Telegram, a service that is
//! checked. The server has a client of its own.

use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{HeaderMap, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Largest answer that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// A request.
pub struct Call<'a> {
    url: &'a str,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    limit: Duration,
}

/// An answer of any status.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds the other side wants to be left alone.
    pub retry_after_s: Option<u64>,
    /// What it said, at most a megabyte.
    pub body: Vec<u8>,
}

/// Why there is no answer. Never holds the address, which may hold a token.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(String);

impl<'a> Call<'a> {
    /// Reads `url`.
    #[must_use]
    pub fn get(url: &'a str, limit: Duration) -> Self {
        Self {
            url,
            headers: Vec::new(),
            body: None,
            limit,
        }
    }

    /// Posts JSON to `url`.
    #[must_use]
    pub fn post(url: &'a str, body: &serde_json::Value, limit: Duration) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self {
            url,
            headers,
            body: Some(body.to_string().into_bytes()),
            limit,
        }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Sends a request and waits for the answer. Redirects are not followed.
pub fn call(call: &Call<'_>) -> Result<Answer, Unanswered> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(call.limit))
        .user_agent(concat!("argus-watchdog/", env!("CARGO_PKG_VERSION")))
        .input_buffer_size(16 * 1024)
        .output_buffer_size(16 * 1024);
    if call.url.starts_with("https://") {
        config = config.tls_config(tls());
    } else {
        // Plain addresses are this machine's own; no proxy can reach them.
        config = config.proxy(None);
    }
    let agent: Agent = config.build().into();
    let mut request = Request::builder()
        .uri(call.url)
        .method(if call.body.is_some() { "POST" } else { "GET" });
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    let sent = match &call.body {
        Some(body) => request.body(body.as_slice()).map(|r| agent.run(r)),
        None => request.body(()).map(|r| agent.run(r)),
    };
    let mut answer = sent
        .map_err(|_| Unanswered("the request could not be written".into()))?
        .map_err(unanswered)?;
    let retry_after_s = retry_after(answer.headers());
    let read = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
    Ok(Answer {
        status: answer.status().as_u16(),
        retry_after_s,
        body: read.map_err(unanswered)?,
    })
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers
        .get("retry-after")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn unanswered(error: ureq::Error) -> Unanswered {
    Unanswered(match error {
        ureq::Error::Timeout(_) => "no answer in time".into(),
        ureq::Error::HostNotFound => "the host's name is unknown".into(),
        ureq::Error::ConnectionFailed => "nobody accepts connections there".into(),
        ureq::Error::Io(e) => e.kind().to_string(),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "the address is none".into(),
        ureq::Error::Rustls(e) => format!("no encrypted connection: {e}"),
        _ => "the connection broke".into(),
    })
}

fn tls() -> TlsConfig {
    // Read anew each time: an hour between two uses, against a megabyte held for ever.
    let loaded = rustls_native_certs::load_native_certs();
    let roots = loaded
        .certs
        .iter()
        .map(|one| Certificate::from_der(one).to_owned())
        .collect();
    TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}
