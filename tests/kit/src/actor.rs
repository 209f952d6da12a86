//! Somebody who calls the API.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A caller with or without a credential.
#[derive(Clone)]
pub struct Actor {
    router: Router,
    bearer: Option<String>,
}

/// A request being built.
pub struct Call {
    router: Router,
    request: http::request::Builder,
    body: Vec<u8>,
}

/// A complete answer.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Actor {
    pub(crate) fn new(router: Router, bearer: Option<String>) -> Self {
        Self { router, bearer }
    }

    /// The credential.
    pub fn secret(&self) -> &str {
        self.bearer.as_deref().unwrap_or_default()
    }

    /// Any request.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(bearer) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        Call {
            router: self.router.clone(),
            request,
            body: vec![],
        }
    }

    /// GET, sent.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path).send().await
    }

    /// POST of JSON, sent.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path).json(body).send().await
    }

    /// PATCH of JSON, sent.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, path).json(body).send().await
    }

    /// DELETE, sent.
    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path).send().await
    }

    /// Opens a stream and hands out its body unread.
    pub async fn open(&self, path: &str) -> http::Response<Body> {
        let call = self.call(Method::GET, path);
        let request = call
            .request
            .body(Body::empty())
            .expect("request is well formed");
        call.router
            .oneshot(request)
            .await
            .expect("the router answers")
    }
}

impl Call {
    /// Adds a credential.
    pub fn bearer(mut self, bearer: &str) -> Self {
        self.request = self
            .request
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    /// Sets any body.
    pub fn text(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.request = self.request.header(header::CONTENT_TYPE, kind);
        self.body = body.into();
        self
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self) -> Reply {
        let request = self
            .request
            .body(Body::from(self.body))
            .expect("request is well formed");
        let response = self
            .router
            .oneshot(request)
            .await
            .expect("the router answers");
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("the body is complete")
            .to_bytes()
            .to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    }

    /// The body as JSON, after checking the status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The stable error code, after checking the status.
    #[track_caller]
    pub fn refused(&self, status: u16) -> String {
        let body = self.ok(status);
        assert!(body["request_id"].is_string(), "{body}");
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}
