//! The bucket as somebody sees it who has nothing but a presigned address.

use crate::TestApp;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

impl TestApp {
    /// Sends a request to the bucket; returns status and body.
    pub async fn fetch(
        &self,
        method: &str,
        url: &str,
        headers: &Value,
        body: &[u8],
    ) -> (u16, Vec<u8>) {
        let mut request = HttpRequest::new(SdkBody::from(body.to_vec()));
        request.set_method(method).expect("a method");
        request.set_uri(url).expect("an address");
        for (name, value) in headers.as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_owned();
            request.headers_mut().insert(name.clone(), value);
        }
        if method == "PUT" {
            let length = body.len().to_string();
            request.headers_mut().insert("content-length", length);
        }
        let response = self.objects.connector().call(request).await;
        let response = response.expect("the bucket answers");
        let status = response.status().as_u16();
        let body = ByteStream::new(response.into_body()).collect().await;
        (status, body.expect("a whole body").to_vec())
    }

    /// Sends `body` as an upload ticket says.
    pub async fn upload(&self, ticket: &Value, body: &[u8]) -> u16 {
        let text = |name: &str| ticket[name].as_str().unwrap_or_default();
        let sent = self.fetch(text("method"), text("url"), &ticket["headers"], body);
        sent.await.0
    }
}
