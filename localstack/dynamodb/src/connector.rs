//! The SDK's HTTP client that ends in this process instead of a socket.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, IdentityCache, Region, RuntimeComponents, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::dispatch::Reply;
use crate::faults::{Faults, Plan, with_left};
use crate::inner::Inner;

#[derive(Debug, Clone)]
pub(crate) struct Connector {
    engine: Arc<Inner>,
    faults: Option<Faults>,
}

/// An SDK client whose requests end in `engine`.
pub(crate) fn client(engine: Arc<Inner>, faults: Option<Faults>) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://embedded.invalid")
        // Nobody checks a signature in the same process; not making one saves 50 µs a call.
        .allow_no_auth()
        .identity_cache(IdentityCache::no_cache())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(4)
                .with_initial_backoff(Duration::from_millis(10))
                .with_max_backoff(Duration::from_millis(100)),
        )
        // Partitions of the same name share a retry budget in the whole process; a custom one
        // is this client's own.
        .retry_partition(RetryPartition::custom("embedded-dynamodb").build())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(Connector { engine, faults })
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
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
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let operation = request
                .headers()
                .get("x-amz-target")
                .and_then(|target| target.split_once('.'))
                .map(|(_, operation)| operation.to_owned())
                .unwrap_or_default();
            let Some(body) = request.body().bytes() else {
                return Err(ConnectorError::user("a streaming body".into()));
            };
            let body = Bytes::copy_from_slice(body);
            this.carry_out(operation, body).await.and_then(respond)
        })
    }
}

impl Connector {
    async fn carry_out(&self, operation: String, body: Bytes) -> Result<Reply, ConnectorError> {
        let plan = match &self.faults {
            Some(faults) => faults.plan(&operation, body),
            None => Plan::Execute(body),
        };
        match plan {
            Plan::Execute(body) => Ok(self.engine.call(operation, body).await),
            Plan::Answer(reply) => Ok(reply),
            Plan::ExecutePart { body, member, left } => {
                let reply = self.engine.call(operation, body).await;
                Ok(with_left(reply, member, left))
            }
            Plan::ExecuteAndLose(body) => {
                self.engine.call(operation, body).await;
                Err(ConnectorError::io("the reply was lost".into()))
            }
        }
    }
}

fn respond(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(reply.status)
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(reply.body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
