//! A bucket of the cases, and short ways to use it.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresignedRequest;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use crate::{Failure, unique};

/// A fresh bucket, and a connection for requests without the SDK's client.
pub struct Bucket {
    pub(crate) client: Client,
    pub(crate) http: SharedHttpConnector,
    pub(crate) name: String,
}

/// The error's code; empty for success, `transport` if no answer came.
pub(crate) fn code<T, E: ProvideErrorMetadata>(result: &Result<T, SdkError<E>>) -> &str {
    match result {
        Ok(_) => "",
        Err(SdkError::ServiceError(error)) => error.err().code().unwrap_or("none"),
        Err(_) => "transport",
    }
}

/// The status of the answer; 0 if none came.
pub(crate) fn status<T, E>(result: &Result<T, SdkError<E>>) -> u16 {
    match result {
        Ok(_) => 200,
        Err(error) => error.raw_response().map_or(0, |raw| raw.status().as_u16()),
    }
}

impl Bucket {
    /// Creates a bucket on `client`; `http` must reach the same place.
    pub async fn create(client: &Client, http: &SharedHttpConnector) -> Result<Self, Failure> {
        let name = unique("conformance");
        client.create_bucket().bucket(&name).send().await?;
        Ok(Self {
            client: client.clone(),
            http: http.clone(),
            name,
        })
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> Result<(), Failure> {
        let body = ByteStream::from(body.into());
        let put = self.client.put_object().bucket(&self.name).key(key);
        put.body(body).send().await?;
        Ok(())
    }

    /// The bytes of an object.
    pub(crate) async fn get(&self, key: &str) -> Result<Vec<u8>, Failure> {
        let get = self.client.get_object().bucket(&self.name).key(key);
        Ok(get.send().await?.body.collect().await?.to_vec())
    }

    /// Sends a presigned request as a browser would; returns status and body.
    pub(crate) async fn send(
        &self,
        request: &PresignedRequest,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), Failure> {
        let headers: Vec<(String, String)> = request
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        self.fetch(request.method(), request.uri(), &headers, body)
            .await
    }

    /// Sends a plain request; returns status and body.
    pub(crate) async fn fetch(
        &self,
        method: &str,
        uri: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), Failure> {
        let mut request = HttpRequest::new(SdkBody::from(body.to_vec()));
        request.set_method(method)?;
        request.set_uri(uri)?;
        for (name, value) in headers {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        if !body.is_empty() {
            let length = body.len().to_string();
            request.headers_mut().insert("content-length", length);
        }
        let response = self.http.call(request).await?;
        let status = response.status().as_u16();
        let body = ByteStream::new(response.into_body()).collect().await?;
        Ok((status, body.to_vec()))
    }
}
