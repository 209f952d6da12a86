//! The user's own file of servers and tokens, `~/.config/argus/credentials`, which only they can
//! read. `argus login` writes it; `~/.netrc` is read where it says nothing, and never written.

use crate::vars;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Address of the server to use where nothing names one.
    pub default_url: Option<String>,
    /// Tokens by server address, without a slash at the end.
    pub tokens: BTreeMap<String, String>,
}

/// Where the file is: `$XDG_CONFIG_HOME/argus/credentials`, or below `~/.config`.
pub fn path() -> Option<PathBuf> {
    let config = vars::text("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(vars::home()?.join(".config")))?;
    Some(config.join("argus").join("credentials"))
}

/// Reads the file; nothing where it is missing or unreadable.
pub fn load(path: &Path) -> Credentials {
    let text = fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes the file, readable by its owner only.
///
/// # Errors
/// Those of the file system.
pub fn store(path: &Path, credentials: &Credentials) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    // One left over from a crash could have other permissions.
    let _ = fs::remove_file(&fresh);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(&serde_json::to_vec_pretty(credentials)?)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

/// The password `~/.netrc` has for a host name.
pub fn netrc(host: &str) -> Option<String> {
    let text = fs::read_to_string(vars::home()?.join(".netrc")).ok()?;
    in_netrc(&text, host)
}

fn in_netrc(text: &str, host: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let mut applies = false;
    while let Some(word) = words.next() {
        match word {
            "machine" => applies = words.next() == Some(host),
            "default" => applies = true,
            "password" => {
                let password = words.next();
                if applies {
                    return password.map(str::to_owned);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn tokens_are_kept_for_their_owner_only() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("argus/credentials");
        assert_eq!(load(&path), Credentials::default());
        let mut kept = Credentials::default();
        kept.tokens.insert("https://a".into(), "em_live_1".into());
        store(&path, &kept).expect("written");
        store(&path, &kept).expect("written again");
        assert_eq!(load(&path), kept);
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn netrc_is_read() {
        let text = "machine a login x password 1\nmachine b password 2\n";
        assert_eq!(in_netrc(text, "b").as_deref(), Some("2"));
        assert_eq!(in_netrc(text, "c"), None);
        assert_eq!(in_netrc("default password 3", "c").as_deref(), Some("3"));
    }
}
