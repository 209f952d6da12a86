//! The default chain of credentials and settings of AWS.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

/// What all clients of this process share.
pub async fn shared_config() -> SdkConfig {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .load()
        .await
}

/// Credentials for requests that are signed by hand; renewed by themselves.
#[derive(Clone, Debug)]
pub struct Signer(SharedCredentialsProvider);

impl Signer {
    /// From the default chain; `None` when it has none.
    pub async fn from_chain() -> Option<Self> {
        shared_config().await.credentials_provider().map(Self)
    }

    /// Always the same.
    pub fn fixed(access_key: &str, secret_key: &str) -> Self {
        let keys = Credentials::new(access_key, secret_key, None, None, "fixed");
        Self(SharedCredentialsProvider::new(keys))
    }

    /// Credentials that hold now; the error tells no secret.
    pub async fn credentials(&self) -> Result<Credentials, String> {
        let found = self.0.provide_credentials().await;
        found.map_err(|e| format!("no credentials of AWS: {e}"))
    }
}

/// Where a service is reached instead of at its public address, from `AWS_ENDPOINT_URL_<NAME>` or
/// `AWS_ENDPOINT_URL`.
pub fn own_endpoint(name: &str) -> Option<String> {
    [
        format!("AWS_ENDPOINT_URL_{name}"),
        "AWS_ENDPOINT_URL".to_owned(),
    ]
    .iter()
    .find_map(|name| crate::vars::environment(name))
}
