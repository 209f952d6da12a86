//! A small HTTP/1.1 client: one connection that is kept, TLS, proxies, and a pulse.
//!
//! While it waits for the network it calls back every 50 ms, so that the one thread it runs on
//! goes on writing events to disk whatever the server does. Looking up names and connecting have
//! no such waits in the system's interface; they run in a thread that lives for that call.

mod answer;
mod connect;
mod paced;
mod proxy;
mod tls;
mod url;

pub use answer::Answer;
pub use url::{Url, escaped};

use crate::settings::Settings;
use connect::Connection;
use proxy::Proxy;
use rustls::ClientConfig;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a request may take unless it says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address cannot be used, or a certificate file cannot be read.
    #[error("{0}")]
    Setup(String),
    /// No connection.
    #[error("{0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The connection broke before the answer was complete.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The pulse said to give up.
    #[error("given up")]
    GivenUp,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// Path and query, from the first slash; added to the server's address.
    pub path: &'a str,
    /// Headers beside the client's own.
    pub headers: Vec<(&'a str, String)>,
    /// Body; `None` sends none.
    pub body: Option<&'a [u8]>,
    /// How long it may take, connecting included.
    pub timeout: Duration,
}

impl<'a> Request<'a> {
    /// A request without a body.
    pub fn new(method: &'a str, path: &'a str) -> Self {
        Self {
            method,
            path,
            headers: vec![],
            body: None,
            timeout: TIMEOUT,
        }
    }

    /// A request with a JSON body.
    pub fn json(method: &'a str, path: &'a str, body: &'a [u8]) -> Self {
        let mut request = Self::new(method, path);
        request
            .headers
            .push(("Content-Type", "application/json".into()));
        request.body = Some(body);
        request
    }
}

/// Called while waiting; `false` gives the request up.
pub type Pulse<'a> = &'a mut dyn FnMut() -> bool;

/// Talks to one server.
#[derive(Debug)]
pub struct Client {
    base: Url,
    settings: Settings,
    proxy: Option<Proxy>,
    tls: Option<Arc<ClientConfig>>,
    kept: Option<Connection>,
}

impl Client {
    /// A client for the server of `settings`. Connects with the first request.
    ///
    /// # Errors
    /// [`HttpError::Setup`] without an address, or with one that is none.
    pub fn new(settings: &Settings) -> Result<Self, HttpError> {
        let missing = || HttpError::Setup("no server: set ARGUS_URL".into());
        let base = Url::parse(settings.url.as_deref().ok_or_else(missing)?)?;
        Ok(Self::to(base, settings))
    }

    /// A client for another address, without the server's token.
    pub(crate) fn elsewhere(base: Url, settings: &Settings) -> Self {
        let mut settings = settings.clone();
        (settings.token, settings.token_file) = (None, None);
        Self::to(base, &settings)
    }

    fn to(base: Url, settings: &Settings) -> Self {
        Self {
            proxy: Proxy::of(&base),
            base,
            settings: settings.clone(),
            tls: None,
            kept: None,
        }
    }

    /// The server.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Reads the token file again; whether there is another token now.
    pub fn refresh_token(&mut self) -> bool {
        self.settings.refresh_token()
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    /// See [`HttpError`]; an answer of any status is none.
    pub fn call(&mut self, request: &Request<'_>) -> Result<Answer, HttpError> {
        self.call_paced(request, &mut || true)
    }

    /// The same with a pulse. A kept connection that the server closed meanwhile is replaced once.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub fn call_paced(
        &mut self,
        request: &Request<'_>,
        pulse: Pulse<'_>,
    ) -> Result<Answer, HttpError> {
        let deadline = Instant::now() + request.timeout;
        if let Some(kept) = self.kept.take() {
            match self.exchange(kept, request, deadline, pulse) {
                Err(HttpError::Broken(_)) => {}
                other => return other,
            }
        }
        let fresh = self.connect(deadline, request.timeout, pulse)?;
        self.exchange(fresh, request, deadline, pulse)
    }

    fn connect(
        &mut self,
        deadline: Instant,
        timeout: Duration,
        pulse: Pulse<'_>,
    ) -> Result<Connection, HttpError> {
        let (host, port) = match &self.proxy {
            Some(proxy) => proxy.address(),
            None => (self.base.host.clone(), self.base.port),
        };
        let tcp = connect::tcp(host, port, deadline, timeout, pulse)?;
        if !self.base.is_https {
            return Ok(Connection::plain(tcp));
        }
        if let Some(proxy) = &self.proxy {
            proxy.tunnel(&tcp, &self.base, deadline, pulse)?;
        }
        let config = match &self.tls {
            Some(config) => Arc::clone(config),
            None => Arc::clone(self.tls.insert(tls::config(&self.settings)?)),
        };
        Connection::secured(tcp, config, &self.base.host)
    }

    fn exchange(
        &mut self,
        mut connection: Connection,
        request: &Request<'_>,
        deadline: Instant,
        pulse: Pulse<'_>,
    ) -> Result<Answer, HttpError> {
        let head = self.head(request);
        let mut paced = connection.paced(deadline, pulse);
        let result = (|| {
            paced.write_all(&head)?;
            if let Some(body) = request.body {
                paced.write_all(body)?;
            }
            paced.flush()?;
            answer::read(&mut paced, request.method)
        })();
        let gave_up = paced.gave_up();
        match result {
            Ok((answer, keep)) => {
                if keep {
                    self.kept = Some(connection);
                }
                Ok(answer)
            }
            Err(_) if gave_up => Err(HttpError::GivenUp),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(HttpError::TimedOut(request.timeout))
            }
            Err(error) => Err(HttpError::Broken(error.to_string())),
        }
    }

    fn head(&self, request: &Request<'_>) -> Vec<u8> {
        let target = self.base.target(request.path);
        let target = match &self.proxy {
            Some(_) if !self.base.is_https => format!("http://{}{target}", self.base.authority()),
            _ => target,
        };
        let mut head = format!(
            "{} {target} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*\r\n",
            request.method,
            self.base.authority(),
            self.settings.agent,
        );
        let mut add = |name: &str, value: &str| {
            // A line end in a value would begin another header.
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            head.push_str(&format!("{name}: {value}\r\n"));
        };
        if let Some(token) = &self.settings.token {
            add("Authorization", &format!("Bearer {token}"));
        }
        if let Some(proxy) = self.proxy.as_ref().filter(|_| !self.base.is_https)
            && let Some(credentials) = proxy.credentials()
        {
            add("Proxy-Authorization", &credentials);
        }
        for (name, value) in &request.headers {
            add(name, value);
        }
        if let Some(body) = request.body {
            add("Content-Length", &body.len().to_string());
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}
