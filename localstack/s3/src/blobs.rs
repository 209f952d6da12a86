//! Object bodies as immutable files with random names; object keys never touch the file system.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A fresh 32-digit name.
pub(crate) fn random() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    hex::encode(bytes)
}

/// The directory `blobs/` of an engine.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    root: PathBuf,
    /// Ends the name of every blob this engine makes: the sweep leaves these alone.
    run: String,
    /// False in memory: nothing is forced to disk.
    durable: bool,
}

impl Blobs {
    /// The blobs in `home`; directories are made as they are needed.
    pub fn open(home: &Path, durable: bool) -> io::Result<Self> {
        let blobs = Self {
            root: home.join("blobs"),
            run: random()[..8].to_owned(),
            durable,
        };
        // What is here was never renamed, so no object refers to it.
        if blobs.incoming().exists() {
            std::fs::remove_dir_all(blobs.incoming())?;
        }
        std::fs::create_dir_all(blobs.incoming())?;
        if durable {
            sync_directory(&blobs.root)?;
            sync_directory(home)?;
        }
        Ok(blobs)
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(&name[..2]).join(name)
    }

    /// An empty file to fill; it is removed unless it becomes a blob.
    pub fn create(&self) -> io::Result<Draft> {
        let name = format!("{}{}", &random()[..24], self.run);
        let path = self.incoming().join(&name);
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Draft {
            blobs: self.clone(),
            name,
            path: Some(path),
            file,
        })
    }

    /// Opens a blob; not found means its object was replaced a moment ago.
    pub fn open_blob(&self, name: &str) -> io::Result<File> {
        File::open(self.path(name))
    }

    /// A second name for the same bytes.
    pub fn link(&self, from: &str) -> io::Result<Blob> {
        let name = format!("{}{}", &random()[..24], self.run);
        self.place(&name, |path| std::fs::hard_link(self.path(from), path))
    }

    /// Removes a blob nobody refers to. What cannot be removed now, the next sweep removes.
    pub fn remove(&self, name: &str) {
        if let Err(error) = std::fs::remove_file(self.path(name))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "an unused blob could not be removed");
        }
    }

    /// Puts a file at the place of `name`, durably.
    fn place(&self, name: &str, put: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<Blob> {
        let path = self.path(name);
        let shelf = self.root.join(&name[..2]);
        match std::fs::create_dir(&shelf) {
            Ok(()) if self.durable => sync_directory(&self.root)?,
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        put(&path)?;
        let blob = Blob {
            blobs: self.clone(),
            name: name.to_owned(),
            kept: false,
        };
        if self.durable {
            sync_directory(&shelf)?;
        }
        Ok(blob)
    }

    /// Names of the blobs that were here before this engine was opened.
    pub fn older(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for shelf in std::fs::read_dir(&self.root)? {
            let shelf = shelf?;
            if shelf.file_name().len() != 2 {
                continue;
            }
            for entry in std::fs::read_dir(shelf.path())? {
                if let Ok(name) = entry?.file_name().into_string()
                    && !name.ends_with(&self.run)
                    && name.is_ascii()
                    && name.len() == 32
                {
                    names.push(name);
                }
            }
        }
        Ok(names)
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A file being written.
#[derive(Debug)]
pub(crate) struct Draft {
    blobs: Blobs,
    name: String,
    /// `None` once it has become a blob.
    path: Option<PathBuf>,
    pub file: File,
}

impl Draft {
    /// Forces the bytes to disk and gives them their final name.
    pub fn finish(mut self) -> io::Result<Blob> {
        if self.blobs.durable {
            self.file.sync_data()?;
        }
        let path = self.path.take().unwrap_or_default();
        let blob = self
            .blobs
            .place(&self.name, |target| std::fs::rename(&path, target));
        if blob.is_err() {
            self.path = Some(path);
        }
        blob
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A complete file no object refers to yet; removed unless it is kept.
#[derive(Debug)]
pub(crate) struct Blob {
    blobs: Blobs,
    name: String,
    kept: bool,
}

impl Blob {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An object refers to it now.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if !self.kept {
            self.blobs.remove(&self.name);
        }
    }
}
