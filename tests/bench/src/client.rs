//! One keep-alive connection.

use crate::Outcome;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A connection with a credential.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    bearer: String,
}

impl Client {
    /// Connects to `host:port`.
    pub async fn connect(host: &str, bearer: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: host.to_owned(),
            bearer: bearer.to_owned(),
        })
    }

    /// Sends a request and hands out the answer unread.
    pub async fn open(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Outcome<Response<Incoming>> {
        self.sender.ready().await?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json");
        if !self.bearer.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.bearer));
        }
        Ok(self
            .sender
            .send_request(request.body(Full::new(body))?)
            .await?)
    }

    /// Sends a request and reads the whole answer; anything but 2xx is an error.
    pub async fn call(&mut self, method: Method, path: &str, body: Bytes) -> Outcome<Bytes> {
        let response = self.open(method, path, body).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(body)
    }

    /// Posts JSON and reads JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> Outcome<Value> {
        let answer = self
            .call(Method::POST, path, Bytes::from(body.to_string()))
            .await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}
