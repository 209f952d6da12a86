//! Which server, and as whom: found by the reporter's own rules, so that a script and this command
//! never disagree.

use crate::api::Api;
use crate::fault::{Exit, Fault};
use crate::variables;
use reporter::Settings as Found;
use reporter::credentials;
use std::path::Path;

/// The server and the token, as found when the program started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the reporter would use.
    pub found: Found,
    /// Of the package this program is part of.
    pub version: &'static str,
    /// Whether `--url` named the server.
    said: bool,
}

impl Settings {
    /// Argument, then environment, then the project's file, then the last login.
    pub fn find(argument: Option<&str>, version: &'static str) -> Self {
        let mut found = Found::resolve(argument, None);
        found.agent = format!("argus-cli/{version}");
        Self {
            found,
            version,
            said: argument.is_some(),
        }
    }

    /// The address, or how to give one.
    pub fn url(&self) -> Result<&str, Fault> {
        self.found.url.as_deref().ok_or_else(|| {
            Fault::new(
                Exit::Usage,
                "no server: neither --url nor ARGUS_URL is given",
            )
            .hint("argus login --url https://YOUR-SERVER keeps it for good")
        })
    }

    /// The token, if there is one for this server.
    pub fn token(&self) -> Option<&str> {
        self.found.token.as_deref()
    }

    /// The server, spoken to with the token if there is one.
    pub fn api(&self) -> Result<Api, Fault> {
        self.url()?;
        Api::new(&self.found)
    }

    /// The server, spoken to with another token or none.
    pub fn api_as(&self, token: Option<String>) -> Result<Api, Fault> {
        self.url()?;
        let mut found = self.found.clone();
        (found.token, found.token_file) = (token, None);
        Api::new(&found)
    }

    /// Where the address came from.
    pub fn url_from(&self) -> &'static str {
        if self.said {
            "--url"
        } else if variables::read(variables::URL).is_some() {
            variables::URL
        } else if Path::new("configs/monitor.yaml").exists() {
            "configs/monitor.yaml"
        } else {
            "the last login"
        }
    }

    /// Where the token came from.
    pub fn token_from(&self) -> &'static str {
        let kept = credentials::path().map(|path| credentials::load(&path));
        let kept = kept.unwrap_or_default();
        let url = self.found.url.as_deref().unwrap_or_default();
        if variables::read(variables::TOKEN).is_some() {
            variables::TOKEN
        } else if self.found.token_file.is_some() {
            variables::TOKEN_FILE
        } else if kept.tokens.contains_key(url) {
            "the login"
        } else {
            "~/.netrc"
        }
    }
}
