//! Where to report to, and how: argument, environment, project file, user file, in this order.

use crate::{credentials, rank, vars};
use std::fs;
use std::path::{Path, PathBuf};

/// Whether and how events leave the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Kept on disk and sent.
    Online,
    /// Kept on disk until `argus sync` sends them.
    Offline,
    /// Neither: every call does nothing.
    Disabled,
}

/// Largest share of disk that unsent events take without `ARGUS_SPOOL_MB`, in bytes.
const SPOOL_BYTES: u64 = 1024 * 1024 * 1024;
/// Keys of the project file that name the server.
const FILE_KEYS: [&str; 2] = ["url", "monitor_url"];

/// What a reporter needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of the server, without a slash at the end.
    pub url: Option<String>,
    /// Token sent with every request.
    pub token: Option<String>,
    /// File the token is read from again when the server refuses it.
    pub token_file: Option<PathBuf>,
    /// What happens to events.
    pub mode: Mode,
    /// Why `mode` is [`Mode::Disabled`] although nobody asked for that.
    pub why_disabled: Option<&'static str>,
    /// Folder of spools and of events the server refused.
    pub dir: PathBuf,
    /// Bytes that unsent events may take on disk.
    pub spool_bytes: u64,
    /// PEM file of certificate authorities to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Whether to say on standard error what goes wrong.
    pub silent: bool,
    /// Text in front of the version in the `User-Agent` header.
    pub agent: String,
}

impl Settings {
    /// Reads everything from the environment and the files.
    pub fn from_env() -> Self {
        Self::resolve(None, None)
    }

    /// The same, where `url` and `token` count before everything else.
    pub fn resolve(url: Option<&str>, token: Option<&str>) -> Self {
        let file = credentials::path().map(|path| credentials::load(&path));
        let file = file.unwrap_or_default();
        let given = |text: Option<&str>| text.filter(|t| !t.is_empty()).map(str::to_owned);
        let url = given(url)
            .or_else(|| vars::text(vars::URL))
            .or_else(|| project_file(Path::new("configs/monitor.yaml")))
            .or(file.default_url)
            .map(|url| url.trim().trim_end_matches('/').to_owned());
        let token_file = vars::text(vars::TOKEN_FILE).map(PathBuf::from);
        let token = given(token)
            .or_else(|| vars::text(vars::TOKEN))
            .or_else(|| read_token(token_file.as_deref()))
            .or_else(|| file.tokens.get(url.as_deref()?).cloned())
            .or_else(|| credentials::netrc(host(url.as_deref()?)));
        let (mode, why_disabled) = mode(url.is_some());
        Self {
            url,
            token,
            token_file,
            mode,
            why_disabled,
            dir: default_dir(),
            spool_bytes: vars::text(vars::SPOOL_MB)
                .and_then(|text| text.parse::<u64>().ok())
                .map_or(SPOOL_BYTES, |mb| mb.saturating_mul(1024 * 1024)),
            ca_bundle: vars::first(&[vars::CA_BUNDLE, "REQUESTS_CA_BUNDLE"]).map(PathBuf::from),
            silent: vars::says_yes(vars::SILENT),
            agent: concat!(
                "argus-reporter/",
                env!("CARGO_PKG_VERSION"),
                " (+schema=1.1)"
            )
            .into(),
        }
    }

    /// Reads the token file again; whether the token changed.
    pub(crate) fn refresh_token(&mut self) -> bool {
        match read_token(self.token_file.as_deref()) {
            Some(token) if self.token.as_ref() != Some(&token) => {
                self.token = Some(token);
                true
            }
            _ => false,
        }
    }
}

/// `ARGUS_DIR`, or `~/.argus-reporter`, or the same below the folder for temporary files.
pub fn default_dir() -> PathBuf {
    let own = vars::text(vars::DIR).map(PathBuf::from);
    own.unwrap_or_else(|| {
        vars::home()
            .unwrap_or_else(std::env::temp_dir)
            .join(".argus-reporter")
    })
}

fn mode(has_url: bool) -> (Mode, Option<&'static str>) {
    let word = vars::text(vars::MODE).map(|word| word.to_ascii_lowercase());
    match word.as_deref() {
        _ if vars::says_yes(vars::DISABLE) => (Mode::Disabled, None),
        Some("disabled") => (Mode::Disabled, None),
        _ if rank::is_silent() => (Mode::Disabled, Some("rank 0 reports for all ranks")),
        Some("offline" | "local") => (Mode::Offline, None),
        _ if has_url => (Mode::Online, None),
        _ => (
            Mode::Disabled,
            Some("ARGUS_URL not configured; events will be no-ops"),
        ),
    }
}

fn read_token(path: Option<&Path>) -> Option<String> {
    let text = fs::read_to_string(path?).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// The `url` or `monitor_url` at the top of a YAML file: the one thing wanted from it needs no
/// reader of YAML.
fn project_file(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let value = |key: &str| {
        text.lines().find_map(|line| {
            let value = line.strip_prefix(key)?.strip_prefix(':')?.trim();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let plain = match quote {
                Some(quote) => value[1..].split(quote).next().unwrap_or_default(),
                None => value.split(" #").next().unwrap_or_default().trim(),
            };
            (!plain.is_empty() && plain != "null").then(|| plain.to_owned())
        })
    };
    FILE_KEYS.into_iter().find_map(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_file_names_the_server() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("monitor.yaml");
        let cases = [
            ("url: http://a:1/ # the lab's\n", Some("http://a:1/")),
            ("x: 1\nmonitor_url: 'http://b'\n", Some("http://b")),
            ("nested:\n  url: http://c\n", None),
            ("url:\nmonitor_url: \"http://d\"", Some("http://d")),
        ];
        for (text, url) in cases {
            fs::write(&path, text).expect("written");
            assert_eq!(project_file(&path).as_deref(), url, "{text}");
        }
        assert_eq!(host("https://argus.lab:8443/x"), "argus.lab");
    }
}
