//! Addresses of servers.

use super::HttpError;
use std::fmt;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// TLS or not.
    pub is_https: bool,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path in front of every request's own, without a slash at the end.
    pub prefix: String,
}

impl Url {
    /// Reads `http://host:port/prefix`.
    ///
    /// # Errors
    /// [`HttpError::Setup`] when the text is no such address.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let wrong = || HttpError::Setup(format!("{text:?} is no address like https://argus.lab"));
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(wrong)?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, prefix) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (host, rest) = v6.split_once(']').ok_or_else(wrong)?;
                (host, rest.strip_prefix(':'))
            }
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().map_err(|_| wrong())?,
            None if is_https => 443,
            None => 80,
        };
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        if host.is_empty() || !host.chars().all(plain) || !prefix.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self {
            is_https,
            host: host.to_owned(),
            port,
            prefix: prefix.trim_end_matches('/').to_owned(),
        })
    }

    /// Host and port as the `Host` header wants them.
    pub fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match (self.is_https, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// The target of a request for `path`.
    pub fn target(&self, path: &str) -> String {
        match format!("{}{path}", self.prefix) {
            target if target.is_empty() => "/".into(),
            target => target,
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

/// A piece of a path with everything escaped that is not plain.
pub fn escaped(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let cases = [
            ("http://a", "http://a", "/x"),
            ("https://a:8443/argus/", "https://a:8443/argus", "/argus/x"),
            ("HTTPS://u:p@a/", "https://a", "/x"),
            ("http://[::1]:8000", "http://[::1]:8000", "/x"),
        ];
        for (text, shown, target) in cases {
            let url = Url::parse(text).expect("an address");
            assert_eq!(
                (url.to_string().as_str(), url.target("/x").as_str()),
                (shown, target)
            );
        }
        for text in [
            "a",
            "ftp://a",
            "http://",
            "http://a:x",
            "http://a b",
            "http://[::1",
        ] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
        assert_eq!(escaped("a/b c"), "a%2Fb%20c");
    }
}
