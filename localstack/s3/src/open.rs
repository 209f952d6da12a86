//! Where one engine keeps its files.

use std::path::PathBuf;

use directory::{Claim, Location, OpenError, unwritable};

/// The directory of one engine, held for as long as the value lives: `s3.sqlite` and `blobs/`.
#[derive(Debug)]
pub(crate) struct Home {
    pub directory: PathBuf,
    /// `None` for a temporary directory, which is removed on drop.
    claim: Option<Claim>,
}

impl Home {
    pub fn claim(location: &Location) -> Result<Self, OpenError> {
        match location {
            Location::Memory => {
                let name = format!("argus-s3-{}-{}", std::process::id(), crate::blobs::random());
                let directory = std::env::temp_dir().join(name);
                std::fs::create_dir_all(&directory)
                    .map_err(|error| unwritable(&directory, &error))?;
                let claim = None;
                Ok(Self { directory, claim })
            }
            Location::Dir(directory) => Ok(Self {
                claim: Some(Claim::take(directory, "s3.lock")?),
                directory: directory.clone(),
            }),
        }
    }

    /// Lets another engine have the directory.
    pub fn release(&self) {
        if let Some(claim) = &self.claim {
            claim.release();
        }
    }

    pub fn is_temporary(&self) -> bool {
        self.claim.is_none()
    }

    pub fn database(&self) -> PathBuf {
        self.directory.join("s3.sqlite")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_temporary() {
            // What is left lies in the system's temporary directory anyway.
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}
