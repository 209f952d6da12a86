//! One request, one answer.

use crate::{Error, Settings, SetupError, tls};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::time::{Duration, SystemTime};
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response};
use ureq::{Agent, Body, Proxy};

/// Largest answer taken, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// Longest patience a server may ask for.
const LONGEST_PATIENCE: Duration = Duration::from_secs(3600);

/// A connection to one server. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    base: String,
    bearer: Option<HeaderValue>,
}

/// What a conditional read brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Fresh<T> {
    /// The same as before.
    Unchanged,
    /// Something new, and the tag to ask with next time.
    Changed(T, Option<String>),
}

impl Client {
    /// Prepares a client; opens no connection yet.
    ///
    /// # Errors
    /// When proxy, certificates or token cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy(settings)?)
            .tls_config(tls::config(settings)?)
            .timeout_global(Some(settings.timeout))
            .timeout_connect(Some(Duration::from_secs(10)))
            .user_agent(settings.user_agent.as_str())
            .max_response_header_size(32 * 1024)
            .input_buffer_size(16 * 1024)
            .output_buffer_size(16 * 1024)
            .max_idle_connections(2)
            .build();
        let bearer = settings.token.as_ref().map(|token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))?;
            value.set_sensitive(true);
            Ok::<_, ureq::http::header::InvalidHeaderValue>(value)
        });
        Ok(Self {
            agent: config.into(),
            base: settings.address.as_str().to_owned(),
            bearer: bearer.transpose().map_err(|_| SetupError::Token)?,
        })
    }

    /// The same connection speaking with another token.
    ///
    /// # Errors
    /// When the token has characters no header may have.
    pub fn speaking_as(&self, token: &crate::Secret) -> Result<Self, SetupError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
            .map_err(|_| SetupError::Token)?;
        value.set_sensitive(true);
        Ok(Self {
            bearer: Some(value),
            ..self.clone()
        })
    }

    /// Reads.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.get_within(path, None)
    }

    /// Reads with a time limit of its own, for calls the server holds open on purpose.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn get_within<T: DeserializeOwned>(
        &self,
        path: &str,
        limit: Option<Duration>,
    ) -> Result<T, Error> {
        decode(self.exchange(Method::GET, path, None, limit)?)
    }

    /// Reads what changed since `tag` was given.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn get_fresh<T: DeserializeOwned>(
        &self,
        path: &str,
        tag: Option<&str>,
    ) -> Result<Fresh<T>, Error> {
        let mut request = self.request(Method::GET, path)?;
        if let Some(tag) = tag.and_then(|t| HeaderValue::from_str(t).ok()) {
            request.headers_mut().insert(IF_NONE_MATCH, tag);
        }
        let request = request.map(|()| Vec::new());
        let answer = self.run(request, None)?;
        if answer.status() == 304 {
            return Ok(Fresh::Unchanged);
        }
        let tag = text_header(answer.headers(), ETAG);
        Ok(Fresh::Changed(decode(judge(answer)?)?, tag))
    }

    /// Sends `body` and reads the answer.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        decode(self.exchange(Method::POST, path, Some(encode(body)?), None)?)
    }

    /// Sends `body`; whatever a 2xx answer says is not looked at.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn post_only<B: Serialize>(&self, path: &str, body: &B) -> Result<(), Error> {
        self.exchange(Method::POST, path, Some(encode(body)?), None)?;
        Ok(())
    }

    /// Deletes.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn delete(&self, path: &str) -> Result<(), Error> {
        self.exchange(Method::DELETE, path, None, None)?;
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> Result<Request<()>, Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .body(())
            .map_err(|e| Error::Unsendable(e.to_string()))?;
        if let Some(bearer) = &self.bearer {
            request.headers_mut().insert(AUTHORIZATION, bearer.clone());
        }
        Ok(request)
    }

    fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        limit: Option<Duration>,
    ) -> Result<Response<Body>, Error> {
        let mut request = self.request(method, path)?;
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
        }
        judge(self.run(request.map(|()| body.unwrap_or_default()), limit)?)
    }

    fn run(
        &self,
        request: Request<Vec<u8>>,
        limit: Option<Duration>,
    ) -> Result<Response<Body>, Error> {
        // ureq refuses a body on GET and DELETE, an empty one included.
        let has_body = *request.method() == Method::POST;
        let sent = match (has_body, limit) {
            (true, _) => self.agent.run(request),
            (false, None) => self.agent.run(request.map(|_| ())),
            (false, Some(limit)) => {
                let request = self.agent.configure_request(request.map(|_| ()));
                self.agent.run(request.timeout_global(Some(limit)).build())
            }
        };
        sent.map_err(unsent)
    }
}

fn proxy(settings: &Settings) -> Result<Option<Proxy>, SetupError> {
    if !settings.address.is_secure() {
        return Ok(None);
    }
    match settings.proxy.as_deref() {
        Some("none") => Ok(None),
        Some(text) => Proxy::new(text)
            .map(Some)
            .map_err(|_| SetupError::Proxy(text.to_owned())),
        None => Ok(Proxy::try_from_env()),
    }
}

fn encode<B: Serialize>(body: &B) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|e| Error::Unsendable(e.to_string()))
}

fn unsent(error: ureq::Error) -> Error {
    match error {
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => Error::Unsendable(error.to_string()),
        ureq::Error::LargeResponseHeader(..) | ureq::Error::Protocol(_) => {
            Error::Garbled(error.to_string())
        }
        other => Error::Offline(other.to_string()),
    }
}

/// Turns everything but a 2xx into an error.
fn judge(answer: Response<Body>) -> Result<Response<Body>, Error> {
    let status = answer.status().as_u16();
    match status {
        200..=299 => Ok(answer),
        300..=399 => Err(Error::Refused {
            status,
            code: "redirect".to_owned(),
            detail: "the server points elsewhere; set the address it really has".to_owned(),
        }),
        429 | 500..=599 => Err(Error::RetryAfter {
            status,
            after: patience(answer.headers()),
        }),
        _ => Err(refusal(status, answer)),
    }
}

#[derive(serde::Deserialize)]
struct Problem {
    #[serde(default)]
    detail: serde_json::Value,
    #[serde(default)]
    code: Option<String>,
}

fn refusal(status: u16, answer: Response<Body>) -> Error {
    let problem = body(answer)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
    let (detail, code) = match problem {
        Some(p) => (p.detail, p.code.unwrap_or_default()),
        None => (serde_json::Value::Null, String::new()),
    };
    let detail = match detail {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => format!("status {status}"),
        other => other.to_string(),
    };
    Error::Refused {
        status,
        code,
        detail: detail.chars().take(500).collect(),
    }
}

fn patience(headers: &HeaderMap) -> Option<Duration> {
    let text = text_header(headers, RETRY_AFTER)?;
    let asked = match text.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text.trim())
            .ok()?
            .duration_since(SystemTime::now())
            .unwrap_or_default(),
    };
    Some(asked.min(LONGEST_PATIENCE))
}

fn text_header(headers: &HeaderMap, name: ureq::http::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn body(mut answer: Response<Body>) -> Result<Vec<u8>, Error> {
    let read = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
    read.map_err(|e| match e {
        ureq::Error::BodyExceedsLimit(limit) => Error::Garbled(format!("more than {limit} bytes")),
        other => Error::Offline(other.to_string()),
    })
}

/// Reads JSON; nesting is bounded by the parser's own limit of 128.
fn decode<T: DeserializeOwned>(answer: Response<Body>) -> Result<T, Error> {
    let bytes = body(answer)?;
    serde_json::from_slice(&bytes).map_err(|e| {
        let what = if serde_json::from_slice::<IgnoredAny>(&bytes).is_ok() {
            "not the shape agreed"
        } else {
            "not JSON"
        };
        Error::Garbled(format!("{what}: {e}"))
    })
}

/// A text as one segment of a path, whatever characters it has.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(byte as char),
            // The dot too: `..` as a segment would mean the parent.
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
