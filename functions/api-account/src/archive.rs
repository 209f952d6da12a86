//! A zip file that is sent while it is made.

use bytes::Bytes;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::Sender;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Bytes after which what was made is handed over.
const PIECE: usize = 64 * 1024;

/// What was made and not handed over yet.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn with<T>(&self, f: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|made| made.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Pieces of a body; an error breaks the connection off, so that half a file is never taken for
/// a whole one.
pub type Pieces = Sender<io::Result<Bytes>>;

/// A zip file under way. Holds one piece of it at a time.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Made>>,
    made: Made,
    pieces: Pieces,
}

impl Archive {
    /// An empty archive that goes out through `pieces`.
    pub fn new(pieces: Pieces) -> Self {
        let made = Made::default();
        Self {
            zip: ZipWriter::new_stream(made.clone()),
            made,
            pieces,
        }
    }

    /// Begins the file `name`.
    pub fn file(&mut self, name: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // Curves of years may be larger than 4 GiB, and nobody knows before.
            .large_file(true);
        self.zip.start_file(name, options).map_err(io::Error::from)
    }

    /// Appends to the file begun last. Waits for a slow reader; fails when it went away.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)?;
        self.hand_over(PIECE).await
    }

    /// Ends the archive.
    pub async fn finish(self) -> io::Result<()> {
        let Self { zip, made, pieces } = self;
        zip.finish().map_err(io::Error::from)?;
        send(&made, &pieces, 1).await
    }

    async fn hand_over(&self, least: usize) -> io::Result<()> {
        send(&self.made, &self.pieces, least).await
    }
}

async fn send(made: &Made, pieces: &Pieces, least: usize) -> io::Result<()> {
    let piece = made.with(|made| match made.len() >= least {
        true => std::mem::take(made),
        false => vec![],
    });
    if piece.is_empty() {
        return Ok(());
    }
    let sent = pieces.send(Ok(Bytes::from(piece))).await;
    sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
}
