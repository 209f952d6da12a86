//! Where the server is and how to get there.

use crate::SetupError;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use ureq::http::Uri;

/// Address of the server.
pub const URL: &str = "ARGUS_URL";
/// Token of a person, used once to register.
pub const TOKEN: &str = "ARGUS_TOKEN";
/// PEM file of certificates to trust instead of the system's.
pub const CA_BUNDLE: &str = "ARGUS_CA_BUNDLE";
/// Proxy to go through; `none` goes direct whatever `HTTPS_PROXY` says.
pub const PROXY: &str = "ARGUS_PROXY";

/// A token. Shown as stars, so that it cannot end up in a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a token.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The token itself, for the one place that sends or stores it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A server's address: https, or http on loopback; without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    text: String,
    secure: bool,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is none, carries a user name, or is plain http to another machine.
    pub fn parse(text: &str) -> Result<Self, SetupError> {
        let wrong = || SetupError::Address(text.to_owned());
        let trimmed = text.trim().trim_end_matches('/');
        let uri: Uri = trimmed.parse().map_err(|_| wrong())?;
        let host = uri.host().filter(|h| !h.is_empty()).ok_or_else(wrong)?;
        let named = uri.authority().is_some_and(|a| a.as_str().contains('@'));
        if named || uri.query().is_some() || trimmed.contains('#') {
            return Err(wrong());
        }
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_loopback(host) => false,
            Some("http") => return Err(SetupError::Plain(text.to_owned())),
            _ => return Err(wrong()),
        };
        Ok(Self {
            text: trimmed.to_owned(),
            secure,
        })
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether TLS is used.
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Everything a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Server.
    pub address: Address,
    /// Token sent with every request.
    pub token: Option<Secret>,
    /// PEM file of certificates to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Proxy; none asks the usual variables (`HTTPS_PROXY`, `NO_PROXY`), `none` goes direct.
    pub proxy: Option<String>,
    /// Name and version of the program.
    pub user_agent: String,
    /// How long one call may take, connecting included.
    pub timeout: Duration,
}

impl Settings {
    /// Settings with the usual limits.
    pub fn new(address: Address, user_agent: &str) -> Self {
        Self {
            address,
            token: None,
            ca_bundle: None,
            proxy: None,
            user_agent: user_agent.to_owned(),
            timeout: Duration::from_secs(30),
        }
    }

    /// Takes [`CA_BUNDLE`] and [`PROXY`] from the environment, which `read` looks up.
    pub fn through(mut self, read: impl Fn(&str) -> Option<String>) -> Self {
        self.ca_bundle = read(CA_BUNDLE).filter(|v| !v.is_empty()).map(PathBuf::from);
        self.proxy = read(PROXY).filter(|v| !v.is_empty());
        self
    }

    /// The same with a token.
    pub fn with_token(mut self, token: Secret) -> Self {
        self.token = Some(token);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for good in [
            "https://argus.example.org",
            "https://argus.example.org:8443/lab/",
            "http://127.0.0.1:8000",
            "http://127.9.9.9",
            "http://[::1]:80/",
            "http://localhost:8000",
        ] {
            Address::parse(good).unwrap();
        }
        for bad in [
            "http://argus.example.org",
            "http://127.0.0.1.example.org",
            "http://127.0.0.1@example.org",
            "http://localhost.example.org",
            "https://user:pass@argus.example.org",
            "ftp://argus.example.org",
            "argus.example.org",
            "https://",
            "https://a.example/?x=1",
            "",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad} was taken");
        }
        let lab = Address::parse("https://argus.example.org/lab/").unwrap();
        assert_eq!(lab.as_str(), "https://argus.example.org/lab");
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let settings = Settings::new(Address::parse("https://a.example").unwrap(), "test/1")
            .with_token(Secret::new("ag_live_abc"));
        assert!(!format!("{settings:?}").contains("ag_live_abc"));
    }
}
