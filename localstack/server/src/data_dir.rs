//! The data directory: one owner at a time, one format, and the machine's own secrets.

use directory::{Claim, OpenError};
use mail::directory::write_whole;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Format this program writes.
const FORMAT: u32 = 1;

/// An open, locked data directory. The lock ends with the process, however that ends.
#[derive(Debug)]
pub struct DataDir {
    claim: Claim,
}

/// Keys made by this machine, readable by its owner only.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Signs sessions when `ARGUS_JWT_SECRET` is not set.
    pub jwt_secret: String,
    /// Seals secrets at rest when `ARGUS_CONFIG_KEY` is not set. Directories made before it
    /// existed get one at their next start.
    #[serde(default)]
    pub config_key: String,
    /// Access key of the embedded S3.
    pub s3_access_key: String,
    /// Secret key of the embedded S3.
    pub s3_secret_key: String,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process works on it.
    #[error(
        "data directory {0} is in use by another argus-local; stop it or choose another --data"
    )]
    InUse(PathBuf),
    /// Not writable, or no directory.
    #[error("data directory {0} cannot be written: {1}")]
    Unwritable(PathBuf, String),
    /// Written by a later version.
    #[error(
        "data directory {path} has format {found}, this version knows up to {FORMAT}; upgrade argus-local"
    )]
    Newer {
        /// Directory.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// A file in it does not read back.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, String),
}

impl DataDirError {
    /// `path` with the words of whoever refused it.
    pub fn unwritable(path: &Path, reason: impl ToString) -> Self {
        Self::Unwritable(path.to_owned(), reason.to_string())
    }
}

impl Secrets {
    /// Fresh random keys.
    pub fn generate() -> Self {
        Self {
            jwt_secret: hex::encode(runtime::entropy::bytes::<32>()),
            config_key: hex::encode(runtime::entropy::bytes::<32>()),
            s3_access_key: format!("AK{}", hex::encode(runtime::entropy::bytes::<9>())),
            s3_secret_key: hex::encode(runtime::entropy::bytes::<20>()),
        }
    }
}

impl DataDir {
    /// Makes the directory if needed, takes the lock, checks the format.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let claim = Claim::take(path, "lock").map_err(|error| match error {
            OpenError::InUse { path } => DataDirError::InUse(path),
            OpenError::Unwritable { reason, .. } => DataDirError::unwritable(path, reason),
            other => DataDirError::unwritable(path, other),
        })?;
        let dir = Self { claim };
        dir.check_format()?;
        Ok(dir)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.claim.directory()
    }

    fn check_format(&self) -> Result<(), DataDirError> {
        let file = self.path().join("format");
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return write_whole(&file, FORMAT.to_string().as_bytes())
                    .map_err(|e| DataDirError::unwritable(self.path(), e));
            }
            Err(e) => return Err(DataDirError::unwritable(self.path(), e)),
        };
        let found: u32 = text
            .trim()
            .parse()
            .map_err(|_| DataDirError::Damaged(file, format!("{text:?} is no number")))?;
        if found > FORMAT {
            return Err(DataDirError::Newer {
                path: self.path().to_owned(),
                found,
            });
        }
        Ok(())
    }

    /// The machine's own keys, made at the first start.
    pub fn secrets(&self) -> Result<Secrets, DataDirError> {
        let file = self.path().join("secrets.json");
        let secrets = match fs::read(&file) {
            Ok(bytes) => {
                let mut secrets: Secrets = serde_json::from_slice(&bytes)
                    .map_err(|e| DataDirError::Damaged(file.clone(), e.to_string()))?;
                if !secrets.config_key.is_empty() {
                    return Ok(secrets);
                }
                secrets.config_key = Secrets::generate().config_key;
                secrets
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Secrets::generate(),
            Err(e) => return Err(DataDirError::unwritable(self.path(), e)),
        };
        let json = serde_json::to_vec_pretty(&secrets)
            .map_err(|e| DataDirError::Damaged(file.clone(), e.to_string()))?;
        write_whole(&file, &json).map_err(|e| DataDirError::unwritable(self.path(), e))?;
        Ok(secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_second_owner_and_a_newer_format() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("data");
        let first = DataDir::open(&path).expect("opens");
        assert!(matches!(DataDir::open(&path), Err(DataDirError::InUse(_))));
        let keys = first.secrets().expect("made");
        drop(first);
        let again = DataDir::open(&path).expect("opens again");
        assert_eq!(again.secrets().expect("read").jwt_secret, keys.jwt_secret);
        drop(again);
        fs::write(path.join("format"), "9").expect("written");
        assert!(matches!(
            DataDir::open(&path),
            Err(DataDirError::Newer { found: 9, .. })
        ));
    }
}
