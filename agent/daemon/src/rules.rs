//! Loads the rules of a host: the user's file and the administrator's, each over the default.

use crate::settings::Settings;
use policy::Policy;
use std::path::Path;

/// Why rules cannot be used. A daemon with broken rules does not start: guessing would be worse.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct RulesError {
    path: String,
    reason: String,
}

/// All policies of this host, the user's first.
///
/// # Errors
/// When a file is there and cannot be read or means nothing.
pub fn load(settings: &Settings) -> Result<Vec<Policy>, RulesError> {
    let home = settings.user_home();
    let own = read(&settings.home.policy(), &home)?.unwrap_or_default();
    let mut all = vec![own];
    all.extend(read(&settings.system_policy(), &home)?);
    Ok(all)
}

fn read(path: &Path, home: &Path) -> Result<Option<Policy>, RulesError> {
    let wrong = |reason: String| RulesError {
        path: path.display().to_string(),
        reason,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error.to_string())),
    };
    let meta = std::fs::metadata(path).map_err(|e| wrong(e.to_string()))?;
    let mode = std::os::unix::fs::MetadataExt::mode(&meta);
    if mode & 0o022 != 0 {
        return Err(wrong("others may write to it: chmod go-w".to_owned()));
    }
    let mut policy = Policy::parse(&text, home).map_err(|e| wrong(e.to_string()))?;
    for root in &mut policy.run.cwd_roots {
        // Folders are compared where they really lie; one that is not there allows nothing yet.
        if let Ok(real) = std::fs::canonicalize(&*root) {
            *root = real;
        }
    }
    Ok(Some(policy))
}
