//! Archives: one zip file whose last entry lists every other with its SHA-256.
//!
//! Nothing in one depends on when or where it was made, so the same contents are the same bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Name of the last entry.
const MANIFEST: &str = "manifest.json";
/// Format this program writes.
const FORMAT: u32 = 1;
/// Bytes moved at once.
const PIECE: usize = 1 << 20;

/// Why an archive cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// Not an archive of this program, or a damaged one.
    #[error("{0} is damaged or no archive of this kind: {1}")]
    Damaged(PathBuf, String),
}

/// What an archive holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Format.
    pub format: u32,
    /// `backup` or `export`.
    pub kind: String,
    /// Entries by name.
    pub entries: BTreeMap<String, Entry>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of them, lower-case hexadecimal.
    pub sha256: String,
}

/// An archive under way; it has its name once [`Maker::finish`] returns.
pub struct Maker {
    zip: ZipWriter<BufWriter<File>>,
    manifest: Manifest,
    target: PathBuf,
    partial: PathBuf,
    current: Option<(String, Sha256, u64)>,
}

impl Maker {
    /// An empty archive of a kind, readable by its owner only: it holds secrets.
    pub fn new(target: &Path, kind: &str) -> Result<Self, ArchiveError> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut partial = target.to_owned().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&partial)
            .map_err(|e| ArchiveError::File(partial.clone(), e))?;
        Ok(Self {
            zip: ZipWriter::new(BufWriter::new(file)),
            manifest: Manifest {
                format: FORMAT,
                kind: kind.to_owned(),
                entries: BTreeMap::new(),
            },
            target: target.to_owned(),
            partial,
            current: None,
        })
    }

    fn failed(&self, error: impl Into<io::Error>) -> ArchiveError {
        ArchiveError::File(self.partial.clone(), error.into())
    }

    /// Begins an entry; `packed`: what comes is worth compressing.
    pub fn begin(&mut self, name: &str, packed: bool) -> Result<(), ArchiveError> {
        self.end();
        self.start(name, packed)?;
        self.current = Some((name.to_owned(), Sha256::new(), 0));
        Ok(())
    }

    fn start(&mut self, name: &str, packed: bool) -> Result<(), ArchiveError> {
        let method = match packed {
            true => CompressionMethod::Deflated,
            false => CompressionMethod::Stored,
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            // The time in a zip file says nothing that is needed, and would differ each time.
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o600)
            .large_file(true);
        let started = self.zip.start_file(name, options);
        started.map_err(|e| self.failed(e))
    }

    /// Goes on with the entry.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        if let Some((_, digest, length)) = &mut self.current {
            digest.update(bytes);
            *length += bytes.len() as u64;
        }
        self.zip.write_all(bytes).map_err(|e| self.failed(e))
    }

    /// A whole file as an entry; `tick` hears of the bytes.
    pub fn file(
        &mut self,
        name: &str,
        path: &Path,
        packed: bool,
        tick: &mut dyn FnMut(u64),
    ) -> Result<(), ArchiveError> {
        let file = |e| ArchiveError::File(path.to_owned(), e);
        let mut source = File::open(path).map_err(file)?;
        self.begin(name, packed)?;
        let mut piece = vec![0; PIECE];
        loop {
            let read = source.read(&mut piece).map_err(file)?;
            if read == 0 {
                return Ok(());
            }
            self.write(&piece[..read])?;
            tick(read as u64);
        }
    }

    fn end(&mut self) {
        if let Some((name, digest, bytes)) = self.current.take() {
            let sha256 = hex::encode(digest.finalize());
            self.manifest.entries.insert(name, Entry { bytes, sha256 });
        }
    }

    /// Adds the list, forces all to disk and gives the archive its name; returns its bytes.
    pub fn finish(mut self) -> Result<u64, ArchiveError> {
        self.end();
        let json = serde_json::to_vec_pretty(&self.manifest).map_err(|e| self.failed(e))?;
        self.start(MANIFEST, true)?;
        self.zip.write_all(&json).map_err(|e| self.failed(e))?;
        let (partial, target) = (self.partial, self.target);
        let failed = |e: io::Error| ArchiveError::File(partial.clone(), e);
        let writer = self.zip.finish().map_err(|e| failed(e.into()))?;
        let file = writer.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        fs::rename(&partial, &target).map_err(failed)?;
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty());
        let parent = File::open(parent.unwrap_or(Path::new(".")));
        parent.and_then(|dir| dir.sync_all()).map_err(failed)?;
        Ok(bytes)
    }
}

/// An archive that is read.
pub struct Reader {
    zip: ZipArchive<BufReader<File>>,
    /// What it holds.
    pub manifest: Manifest,
    path: PathBuf,
}

impl Reader {
    /// Opens an archive of a kind.
    pub fn open(path: &Path, kind: &str) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(|e| ArchiveError::File(path.to_owned(), e))?;
        let damaged = |text: String| ArchiveError::Damaged(path.to_owned(), text);
        let zip = ZipArchive::new(BufReader::new(file));
        let mut zip = zip.map_err(|e| damaged(e.to_string()))?;
        let manifest: Manifest = {
            let entry = zip.by_name(MANIFEST).map_err(|e| damaged(e.to_string()))?;
            serde_json::from_reader(entry).map_err(|e| damaged(e.to_string()))?
        };
        if manifest.format != FORMAT || manifest.kind != kind {
            let found = format!("it is format {} of {}", manifest.format, manifest.kind);
            return Err(damaged(found));
        }
        Ok(Self {
            zip,
            manifest,
            path: path.to_owned(),
        })
    }

    /// An error of this archive.
    pub fn damaged(&self, text: impl ToString) -> ArchiveError {
        ArchiveError::Damaged(self.path.clone(), text.to_string())
    }

    /// Hands the bytes of an entry to `take`, piece by piece, and compares them with the list.
    /// What was handed over counts only when this returns without error.
    pub fn entry(
        &mut self,
        name: &str,
        mut take: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), ArchiveError> {
        let path = self.path.clone();
        let damaged = |text: String| ArchiveError::Damaged(path.clone(), text);
        let expected = self.manifest.entries.get(name).cloned();
        let expected = expected.ok_or_else(|| damaged(format!("{name} is not listed")))?;
        let entry = self.zip.by_name(name);
        let mut entry = entry.map_err(|e| damaged(format!("{name}: {e}")))?;
        let (mut digest, mut bytes) = (Sha256::new(), 0);
        let mut piece = vec![0; PIECE];
        loop {
            let read = entry.read(&mut piece);
            let read = read.map_err(|e| damaged(format!("{name}: {e}")))?;
            if read == 0 {
                break;
            }
            digest.update(&piece[..read]);
            bytes += read as u64;
            take(&piece[..read]).map_err(|e| ArchiveError::File(PathBuf::from(name), e))?;
        }
        let found = Entry {
            bytes,
            sha256: hex::encode(digest.finalize()),
        };
        match found == expected {
            true => Ok(()),
            false => Err(damaged(format!("{name} differs from its checksum"))),
        }
    }
}
