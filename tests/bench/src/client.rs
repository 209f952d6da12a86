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
        self.open_as("application/json", method, path, body).await
    }

    async fn open_as(
        &mut self,
        media: &str,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Outcome<Response<Incoming>> {
        self.sender.ready().await?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, media);
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
        read(path, response).await
    }

    /// Posts a file in a form.
    pub async fn post_file(&mut self, path: &str, name: &str, file: &str) -> Outcome<Value> {
        let form = format!(
            "--bench\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n{file}\r\n--bench--\r\n"
        );
        let media = "multipart/form-data; boundary=bench";
        let sent = self.open_as(media, Method::POST, path, Bytes::from(form));
        let answer = read(path, sent.await?).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Reads JSON.
    pub async fn get(&mut self, path: &str) -> Outcome<Value> {
        let answer = self.call(Method::GET, path, Bytes::new()).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Patches with JSON.
    pub async fn patch(&mut self, path: &str, body: &Value) -> Outcome<()> {
        let body = Bytes::from(body.to_string());
        self.call(Method::PATCH, path, body).await?;
        Ok(())
    }

    /// Posts JSON and reads JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> Outcome<Value> {
        let answer = self
            .call(Method::POST, path, Bytes::from(body.to_string()))
            .await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// The whole answer to a call of `path`; anything but 2xx is an error.
pub async fn read(path: &str, response: Response<Incoming>) -> Outcome<Bytes> {
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(body)
}
