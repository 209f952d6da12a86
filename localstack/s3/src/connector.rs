//! The SDK's HTTP client that ends in this process instead of a socket.

use std::time::Duration;

use aws_sdk_s3::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials as SdkCredentials, Region, RuntimeComponents,
    StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use s3s::Body;
use s3s::service::S3Service;

use crate::Credentials;

#[derive(Clone)]
pub(crate) struct Connector(S3Service);

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

/// A connection that ends in `service`.
pub(crate) fn connector(service: S3Service) -> SharedHttpConnector {
    SharedHttpConnector::new(Connector(service))
}

/// A path-style SDK client whose requests end in `service`.
pub(crate) fn client(
    service: S3Service,
    credentials: &Credentials,
    endpoint: &str,
) -> aws_sdk_s3::Client {
    let credentials = SdkCredentials::new(
        &credentials.access_key,
        &credentials.secret_key,
        None,
        None,
        "embedded",
    );
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(credentials)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(10))
                .with_max_backoff(Duration::from_millis(100)),
        )
        // Partitions of the same name share a retry budget in the whole process; a custom one
        // is this client's own.
        .retry_partition(RetryPartition::custom("embedded-s3").build())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(Connector(service))
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.clone();
        HttpConnectorFuture::new(async move { carry_out(&service, request).await })
    }
}

async fn carry_out(
    service: &S3Service,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let invalid = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(error);
    let request = request
        .try_into_http1x()
        .map_err(|error| invalid(error.into()))?;
    let (mut parts, body) = request.into_parts();
    // Over a socket the HTTP layer adds it, and the signature covers it.
    if !parts.headers.contains_key(http::header::HOST) {
        let authority = parts.uri.authority().map_or("", |a| a.as_str());
        let host = authority.parse().map_err(|_| invalid("no host".into()))?;
        parts.headers.insert(http::header::HOST, host);
    }
    let request = http::Request::from_parts(parts, Body::http_body_unsync(body));
    let response = service
        .call(request)
        .await
        .map_err(|error| ConnectorError::other(format!("{error:?}").into(), None))?;
    HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
        .map_err(|error| ConnectorError::other(error.into(), None))
}
