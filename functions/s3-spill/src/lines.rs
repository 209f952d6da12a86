//! The lines of an object, read and decompressed as they are needed.

use api_ingest::unpack::Unpacker;
use bytes::Bytes;
use domain::limits::{SPILL_LINE_BYTES, SPILL_UNPACKED_BYTES};
use domain::spill::Encoding;
use store::{Blobs, StoreError};

/// Bytes of the object read at once.
const PART: u64 = 1024 * 1024;

/// Why there are no more lines.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Broken {
    /// Storage failed; trying again may help.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object was replaced or deleted.
    #[error("the object is another one by now")]
    Replaced,
    /// Its content ends the replay for good; the word is shown to the owner.
    #[error("the file is {0}")]
    Content(&'static str),
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Its bytes, without the line break.
    Text(Vec<u8>),
    /// It had more bytes than a line may have.
    TooLong,
}

/// Which object is read.
pub struct Source<'a> {
    /// Bucket.
    pub blobs: &'a Blobs,
    /// Key.
    pub key: &'a str,
    /// The upload meant.
    pub etag: &'a str,
    /// Its bytes.
    pub size: u64,
}

/// Reads lines from an object.
pub struct Lines<'a> {
    source: Source<'a>,
    offset: u64,
    input: Bytes,
    unpacker: Unpacker,
    unpacked: u64,
    /// Decompressed bytes of which no line was made yet.
    buffer: Vec<u8>,
    /// Start of the next line in the buffer.
    start: usize,
    /// Up to here there is no line break.
    searched: usize,
    /// Decompressed bytes to pass over.
    skip: u64,
    /// Decompressed position of the next line.
    position: u64,
    /// Nothing more will come, and why, if not for the end of the file.
    ended: Option<Result<(), Broken>>,
}

impl<'a> Lines<'a> {
    /// Lines from decompressed byte `position` on, which must be the start of a line.
    pub fn new(source: Source<'a>, encoding: Encoding, position: u64) -> Result<Self, Broken> {
        let plain = encoding == Encoding::Plain;
        let unpacker = Unpacker::new(encoding).map_err(|_| Broken::Content("unreadable"))?;
        Ok(Self {
            source,
            // Only what is not compressed can be entered in the middle.
            offset: if plain { position } else { 0 },
            skip: if plain { 0 } else { position },
            unpacked: if plain { position } else { 0 },
            input: Bytes::new(),
            unpacker,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            position,
            ended: None,
        })
    }

    /// Decompressed position after the last line given out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next line; `None` at the end of the file. Whole lines before a fault still come.
    pub async fn next(&mut self) -> Result<Option<Line>, Broken> {
        let mut too_long = false;
        loop {
            let found = self.buffer[self.searched..]
                .iter()
                .position(|b| *b == b'\n');
            if let Some(at) = found {
                let end = self.searched + at;
                return Ok(Some(self.take(end, end + 1, too_long)));
            }
            self.searched = self.buffer.len();
            let open = self.searched - self.start;
            if open > SPILL_LINE_BYTES {
                // Forget what came so far: the rest of this line is passed over.
                too_long = true;
                self.position += open as u64;
                self.start = self.searched;
            }
            match &self.ended {
                None => self.fill().await?,
                Some(Ok(())) if open == 0 && !too_long => return Ok(None),
                // A file may end without a line break.
                Some(Ok(())) => return Ok(Some(self.take(self.searched, self.searched, too_long))),
                Some(Err(fault)) => return Err(fault.clone()),
            }
        }
    }

    /// The line up to `end`; the next one starts at `after`.
    fn take(&mut self, end: usize, after: usize, too_long: bool) -> Line {
        let text = &self.buffer[self.start..end];
        let line = match too_long || text.len() > SPILL_LINE_BYTES {
            true => Line::TooLong,
            false => Line::Text(text.to_vec()),
        };
        self.position += (after - self.start) as u64;
        self.start = after;
        self.searched = after;
        line
    }

    /// Gets more into the buffer, or notes that there is no more.
    async fn fill(&mut self) -> Result<(), Broken> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let before = self.buffer.len();
        if self.input.is_empty() && !self.unpacker.holds_back() {
            if self.offset >= self.source.size {
                let ended = self.unpacker.finish(&mut self.buffer);
                self.ended = Some(ended.map_err(|_| Broken::Content("unreadable")));
                self.pass_over(before);
                return Ok(());
            }
            let part = self.offset..self.source.size.min(self.offset + PART);
            let Source {
                blobs, key, etag, ..
            } = self.source;
            self.offset = part.end;
            let read = blobs.read_part(key, etag, part).await?;
            self.input = read.ok_or(Broken::Replaced)?;
        }
        let step = self.unpacker.step(&mut self.input, &mut self.buffer);
        if step.is_err() {
            self.ended = Some(Err(Broken::Content("unreadable")));
        }
        self.pass_over(before);
        if self.unpacked > SPILL_UNPACKED_BYTES {
            self.ended = Some(Err(Broken::Content("too_large")));
        }
        Ok(())
    }

    /// Counts what was added after `before`, and drops what was replayed earlier.
    fn pass_over(&mut self, before: usize) {
        let added = self.buffer.len() - before;
        self.unpacked += added as u64;
        let dropped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(added);
        self.buffer.drain(before..before + dropped);
        self.skip -= dropped as u64;
    }
}
