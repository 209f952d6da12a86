//! The environment variables of the reporter. Nothing else here reads the environment.

use std::path::PathBuf;

/// Address of the server.
pub const URL: &str = "ARGUS_URL";
/// Token of kind `em_live_`.
pub const TOKEN: &str = "ARGUS_TOKEN";
/// File that holds the token; read again whenever the server refuses it.
pub const TOKEN_FILE: &str = "ARGUS_TOKEN_FILE";
/// Project, where the script names none.
pub const PROJECT: &str = "ARGUS_PROJECT";
/// Id of the batch, as the agent sets it for a rerun.
pub const BATCH_ID: &str = "ARGUS_BATCH_ID";
/// `online`, `offline` or `disabled`.
pub const MODE: &str = "ARGUS_MODE";
/// `1`, `true`, `yes` or `on`: nothing is recorded, nothing is sent.
pub const DISABLE: &str = "ARGUS_DISABLE";
/// Folder of everything the reporter keeps; `~/.argus-reporter` without it.
pub const DIR: &str = "ARGUS_DIR";
/// Megabytes that unsent events may take on disk.
pub const SPOOL_MB: &str = "ARGUS_SPOOL_MB";
/// PEM file of certificate authorities to trust instead of the system's.
pub const CA_BUNDLE: &str = "ARGUS_CA_BUNDLE";
/// `1`: processes of every rank report, not only rank 0.
pub const ALL_RANKS: &str = "ARGUS_ALL_RANKS";
/// `1`: what the process and its children print becomes log lines.
pub const CONSOLE: &str = "ARGUS_CONSOLE";
/// `0`: no snapshot of code and environment is sent.
pub const ENV_SNAPSHOT: &str = "ARGUS_ENV_SNAPSHOT";
/// `1`: nothing is said on standard error.
pub const SILENT: &str = "ARGUS_SILENT";

/// A variable's text without blanks around it; `None` when unset, empty or not UTF-8.
pub fn text(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.into_string().ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The first of several variables that says something.
pub fn first(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(name))
}

/// Whether a variable says yes.
pub fn says_yes(name: &str) -> bool {
    let word = text(name).map(|word| word.to_ascii_lowercase());
    matches!(word.as_deref(), Some("1" | "true" | "yes" | "on"))
}

/// Whether a variable says no.
pub fn says_no(name: &str) -> bool {
    let word = text(name).map(|word| word.to_ascii_lowercase());
    matches!(word.as_deref(), Some("0" | "false" | "no" | "off"))
}

/// The user's home.
pub fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
}

/// Everything that is set, as text.
pub fn all() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
