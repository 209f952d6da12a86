//! Proxies, as the usual variables name them.

use super::answer;
use super::paced::Paced;
use super::{HttpError, Pulse, Url};
use crate::vars;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::net::TcpStream;
use std::time::Instant;

/// A proxy on the way to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    user: Option<String>,
}

impl Proxy {
    /// The proxy for a server, by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    pub fn of(base: &Url) -> Option<Self> {
        let names: [&str; 4] = match base.is_https {
            true => ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
            false => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
        };
        let text = vars::first(&names)?;
        let except = vars::first(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        if is_excepted(&base.host, &except) {
            return None;
        }
        Self::parse(&text)
    }

    fn parse(text: &str) -> Option<Self> {
        let text = match text.contains("://") {
            true => text.to_owned(),
            false => format!("http://{text}"),
        };
        let authority = text.split("://").nth(1)?.split('/').next()?;
        let user = authority.rsplit_once('@').map(|(user, _)| user.to_owned());
        let url = Url::parse(&text).ok()?;
        Some(Self { url, user })
    }

    /// Where to connect to.
    pub fn address(&self) -> (String, u16) {
        (self.url.host.clone(), self.url.port)
    }

    /// The value of a `Proxy-Authorization` header.
    pub fn credentials(&self) -> Option<String> {
        let user = self.user.as_ref()?;
        Some(format!("Basic {}", STANDARD.encode(user)))
    }

    /// Asks the proxy for a tunnel to the server.
    pub fn tunnel(
        &self,
        tcp: &TcpStream,
        base: &Url,
        deadline: Instant,
        pulse: Pulse<'_>,
    ) -> Result<(), HttpError> {
        let target = match base.host.contains(':') {
            true => format!("[{}]:{}", base.host, base.port),
            false => format!("{}:{}", base.host, base.port),
        };
        let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(credentials) = self.credentials() {
            head.push_str(&format!("Proxy-Authorization: {credentials}\r\n"));
        }
        head.push_str("\r\n");
        let mut paced = Paced::new(tcp, deadline, pulse);
        let failed = |error: std::io::Error| HttpError::Unreachable(format!("proxy: {error}"));
        paced.write_all(head.as_bytes()).map_err(failed)?;
        let (answer, _) = answer::read(&mut paced, "CONNECT").map_err(failed)?;
        match answer.status {
            200..=299 => Ok(()),
            status => Err(HttpError::Unreachable(format!(
                "the proxy answered {status}"
            ))),
        }
    }
}

fn is_excepted(host: &str, list: &str) -> bool {
    let host = host.to_ascii_lowercase();
    list.split(',').map(str::trim).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        let suffix = entry.trim_start_matches("*.").trim_start_matches('.');
        entry == "*"
            || (!suffix.is_empty() && (host == suffix || host.ends_with(&format!(".{suffix}"))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_their_exceptions() {
        let proxy = Proxy::parse("me:pw@proxy:3128").expect("a proxy");
        assert_eq!(proxy.address(), ("proxy".into(), 3128));
        assert_eq!(proxy.credentials().as_deref(), Some("Basic bWU6cHc="));
        for (host, list, excepted) in [
            ("a.lab", "lab", true),
            ("a.lab", ".lab,x", true),
            ("lab", "*.lab", true),
            ("notlab", "lab", false),
            ("a", "*", true),
            ("a", "", false),
        ] {
            assert_eq!(is_excepted(host, list), excepted, "{host} {list}");
        }
    }
}
