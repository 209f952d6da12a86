//! Requests to other services: bounded in time and size, certificates checked as for the storage.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use std::sync::OnceLock;
use std::time::Duration;

/// Longest wait for a whole answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer.
const BYTES: usize = 1024 * 1024;

/// A client for other services. Made at its first use: most processes never call anybody.
#[derive(Default)]
pub struct Outbound(OnceLock<Connector>);

/// What is sent with a POST.
#[derive(Clone, Debug)]
pub struct Content {
    /// Media type.
    pub kind: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Content {
    /// A form, encoded already.
    pub fn form(text: String) -> Self {
        Self {
            kind: "application/x-www-form-urlencoded",
            bytes: text.into_bytes(),
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

/// Why there is no answer. Never quotes what was sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{host} did not answer: {problem}")]
pub struct NoAnswer {
    host: String,
    problem: String,
}

impl Outbound {
    /// Sends one request; with `content` it is a POST.
    pub async fn send(
        &self,
        url: &str,
        headers: &[(&'static str, &str)],
        content: Option<Content>,
    ) -> Result<Answer, NoAnswer> {
        let host = url.split('/').nth(2).unwrap_or_default();
        let fail = |problem: String| NoAnswer {
            host: host.to_owned(),
            problem,
        };
        match tokio::time::timeout(PATIENCE, self.exchange(url, headers, content)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(problem)) => Err(fail(problem)),
            Err(_) => Err(fail(format!("nothing within {} s", PATIENCE.as_secs()))),
        }
    }

    async fn exchange(
        &self,
        url: &str,
        headers: &[(&'static str, &str)],
        content: Option<Content>,
    ) -> Result<Answer, String> {
        let kind = content.as_ref().map(|content| content.kind);
        let bytes = content.map(|content| content.bytes).unwrap_or_default();
        let length = bytes.len().to_string();
        let mut request = HttpRequest::new(SdkBody::from(bytes));
        let method = if kind.is_some() { "POST" } else { "GET" };
        request.set_method(method).map_err(|e| e.to_string())?;
        request.set_uri(url).map_err(|e| e.to_string())?;
        let mut add = |name: &'static str, value: String| {
            request.headers_mut().insert(name, value);
        };
        add("user-agent", "argus".into());
        for (name, value) in headers {
            add(name, (*value).to_owned());
        }
        if let Some(kind) = kind {
            add("content-type", kind.to_owned());
            add("content-length", length);
        }
        let connector = self.0.get_or_init(|| {
            Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build()
        });
        let response = connector.call(request).await.map_err(|e| e.to_string())?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), BYTES).collect().await;
        let body = body.map_err(|e| e.to_string())?.to_bytes().to_vec();
        Ok(Answer { status, body })
    }
}
