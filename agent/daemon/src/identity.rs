//! `token.json`: who this agent is. Whoever reads it can act as this host, so it is written in one
//! piece, closed to others, and refused when it was not kept so.

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::SystemTime;

/// What a registration brought.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Identity {
    /// Server's address.
    pub server: String,
    /// Identity there.
    pub agent_id: String,
    /// Token there.
    pub agent_token: String,
    /// Name this host has there.
    pub hostname: String,
    /// Seconds between polls of a server that holds no calls open.
    pub poll_interval_s: u64,
    /// Seconds between signs of life.
    pub heartbeat_interval_s: u64,
    /// When the token ends, if it does.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Nobody logged in yet.
    #[error("this host is not registered: run `argus-agent login`")]
    Missing,
    /// Others may read it, so it may be known to them.
    #[error("{0} can be read by others: revoke the agent, delete the file and log in again")]
    Open(String),
    /// It belongs to somebody else.
    #[error("{0} belongs to another user")]
    Foreign(String),
    /// It is not what `login` wrote.
    #[error("{0} is damaged ({1}): log in again")]
    Damaged(String, String),
    /// The disk says no.
    #[error("{0}: {1}")]
    Disk(String, std::io::Error),
}

/// Reads it.
///
/// # Errors
/// See [`IdentityError`].
pub fn load(path: &Path) -> Result<Identity, IdentityError> {
    let name = path.display().to_string();
    let opened = rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    );
    let file = match opened {
        Ok(fd) => File::from(fd),
        Err(rustix::io::Errno::NOENT) => return Err(IdentityError::Missing),
        Err(error) => return Err(IdentityError::Disk(name, error.into())),
    };
    let stat = rustix::fs::fstat(&file).map_err(|e| IdentityError::Disk(name.clone(), e.into()))?;
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(IdentityError::Foreign(name));
    }
    if stat.st_mode & 0o077 != 0 {
        return Err(IdentityError::Open(name));
    }
    let mut text = String::new();
    let read = file.take(64 * 1024).read_to_string(&mut text);
    read.map_err(|e| IdentityError::Damaged(name.clone(), e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| IdentityError::Damaged(name, e.to_string()))
}

/// Writes it in one piece.
///
/// # Errors
/// When the disk says no.
pub fn store(path: &Path, identity: &Identity) -> Result<(), IdentityError> {
    let disk = |e: std::io::Error| IdentityError::Disk(path.display().to_string(), e);
    let text = serde_json::to_string_pretty(identity).map_err(|e| disk(e.into()))?;
    write_whole(path, text.as_bytes()).map_err(disk)
}

/// Puts `bytes` at `path`, 0600, all or nothing.
///
/// # Errors
/// When the disk says no.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let flags =
        OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(&fresh, flags, Mode::from_raw_mode(0o600))?);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| std::fs::rename(&fresh, path));
    if placed.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    placed?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// When it was last changed; a later login gives a running daemon a new token.
pub fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn identity() -> Identity {
        Identity {
            server: "https://argus.example".to_owned(),
            agent_id: "agent-1".to_owned(),
            agent_token: "ag_live_x".to_owned(),
            hostname: "gpu-1".to_owned(),
            poll_interval_s: 10,
            heartbeat_interval_s: 30,
            expires_at: None,
        }
    }

    #[test]
    fn kept_closed_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.json");
        assert!(matches!(load(&path), Err(IdentityError::Missing)));
        store(&path, &identity()).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(load(&path).unwrap(), identity());
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left over"
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load(&path), Err(IdentityError::Open(_))));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(folder.path().join("real"), "{}").unwrap();
        std::os::unix::fs::symlink(folder.path().join("real"), &path).unwrap();
        assert!(
            matches!(load(&path), Err(IdentityError::Disk(..))),
            "links are not followed"
        );
    }
}
