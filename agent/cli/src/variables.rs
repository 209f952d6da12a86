//! Environment variables this command reads itself; all others are read by the reporter.

/// Address of the server.
pub const URL: &str = "ARGUS_URL";
/// Token to report and read with.
pub const TOKEN: &str = "ARGUS_TOKEN";
/// File that holds the token, for containers.
pub const TOKEN_FILE: &str = "ARGUS_TOKEN_FILE";
/// Project of `argus run` and of imports.
pub const PROJECT: &str = "ARGUS_PROJECT";
/// Batch to report into, set by the agent for a rerun.
pub const BATCH_ID: &str = "ARGUS_BATCH_ID";
/// Set to anything: no colours.
pub const NO_COLOR: &str = "NO_COLOR";

/// The value of a variable; an empty one counts as missing.
pub fn read(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.into_string().ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}
