//! One file of events, or the same in memory.

use super::thin;
use flate2::Crc;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Digits of the checksum and a blank.
const MARK: usize = 9;
/// Bytes read at once, more than the longest event.
const CHUNK: usize = 2 * 1024 * 1024;

#[derive(Debug)]
enum Place {
    File { path: PathBuf, file: File },
    Memory(Vec<u8>),
}

/// Events in the order they came.
#[derive(Debug)]
pub struct Segment {
    id: u64,
    place: Place,
    len: u64,
    sent: u64,
    level: u8,
    unsynced: bool,
}

/// Events read from a segment.
#[derive(Debug, Default)]
pub struct Found {
    /// The events, without line ends.
    pub lines: Vec<Vec<u8>>,
    /// Where the next one begins.
    pub end: u64,
    /// Lines that were skipped.
    pub damaged: u64,
}

/// Appends an event's line with its checksum.
pub fn frame(out: &mut Vec<u8>, line: &[u8]) {
    let event = line.strip_suffix(b"\n").unwrap_or(line);
    let mut mark = [0; 8];
    // The buffer has exactly the length it needs.
    let _ = hex::encode_to_slice(checksum(event).to_be_bytes(), &mut mark);
    out.extend_from_slice(&mark);
    out.push(b' ');
    out.extend_from_slice(event);
    out.push(b'\n');
}

fn checksum(event: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(event);
    crc.sum()
}

/// The event of a line, if the line is whole.
pub fn unframe(line: &[u8]) -> Option<&[u8]> {
    let (mark, event) = line.split_at_checked(MARK)?;
    let mut sum = [0; 4];
    hex::decode_to_slice(mark.get(..8)?, &mut sum).ok()?;
    (mark[8] == b' ' && u32::from_be_bytes(sum) == checksum(event)).then_some(event)
}

impl Segment {
    /// A new file.
    pub fn create(id: u64, path: PathBuf) -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self::new(id, Place::File { path, file }, 0))
    }

    /// A file there is; `None` when it is empty, and then it is removed.
    pub fn reopen(id: u64, path: PathBuf) -> io::Result<Option<Self>> {
        let file = File::options().read(true).write(true).open(&path)?;
        let len = file.metadata()?.len();
        if len == 0 {
            fs::remove_file(&path)?;
            return Ok(None);
        }
        Ok(Some(Self::new(id, Place::File { path, file }, len)))
    }

    /// No file at all.
    pub fn in_memory(id: u64) -> Self {
        Self::new(id, Place::Memory(Vec::new()), 0)
    }

    fn new(id: u64, place: Place, len: u64) -> Self {
        Self {
            id,
            place,
            len,
            sent: 0,
            level: 0,
            unsynced: false,
        }
    }

    /// Its number; later ones are higher.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Bytes it has.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Bytes that were not sent.
    pub fn unsent(&self) -> u64 {
        self.len.saturating_sub(self.sent)
    }

    /// How much was thinned out.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Whether it is on disk.
    pub fn is_file(&self) -> bool {
        matches!(self.place, Place::File { .. })
    }

    /// Appends lines; after an error it is as it was.
    pub fn append(&mut self, framed: &[u8]) -> io::Result<()> {
        match &mut self.place {
            Place::Memory(held) => held.extend_from_slice(framed),
            Place::File { file, .. } => {
                if let Err(error) = file.write_all_at(framed, self.len) {
                    // Half a line would be skipped when read; a full disk lets files shrink.
                    let _ = file.set_len(self.len);
                    return Err(error);
                }
                self.unsynced = true;
            }
        }
        self.len += framed.len() as u64;
        Ok(())
    }

    /// Reads unsent events: at most `events`, and about `bytes`.
    pub fn read(&mut self, events: usize, bytes: usize) -> io::Result<Found> {
        let mut found = Found {
            end: self.sent,
            ..Found::default()
        };
        let mut size = 0;
        while found.end < self.len && found.lines.len() < events && size < bytes {
            let chunk = self.chunk(found.end)?;
            let Some(last) = memchr::memrchr(b'\n', &chunk) else {
                // A line without an end was torn; whatever follows is part of it.
                found.damaged += 1;
                found.end = self.len;
                break;
            };
            for line in chunk[..=last].split_inclusive(|byte| *byte == b'\n') {
                if found.lines.len() >= events || size >= bytes {
                    break;
                }
                found.end += line.len() as u64;
                match unframe(&line[..line.len() - 1]) {
                    Some(event) => {
                        size += event.len();
                        found.lines.push(event.to_owned());
                    }
                    None => found.damaged += 1,
                }
            }
        }
        Ok(found)
    }

    fn chunk(&self, from: u64) -> io::Result<Vec<u8>> {
        let want = (self.len - from).min(CHUNK as u64) as usize;
        match &self.place {
            Place::Memory(held) => Ok(held[from as usize..][..want].to_owned()),
            Place::File { file, .. } => {
                let mut chunk = vec![0; want];
                file.read_exact_at(&mut chunk, from)?;
                Ok(chunk)
            }
        }
    }

    /// Everything up to `end` was sent.
    pub fn done(&mut self, end: u64) {
        self.sent = end.min(self.len).max(self.sent);
    }

    /// Empties a segment of which everything was sent, to be filled again.
    pub fn reset(&mut self) {
        let emptied = match &mut self.place {
            Place::Memory(held) => {
                *held = Vec::new();
                true
            }
            Place::File { file, .. } => file.set_len(0).is_ok(),
        };
        if emptied {
            (self.len, self.sent, self.level) = (0, 0, 0);
            self.unsynced = false;
        }
    }

    /// Rewrites what is unsent with less detail; says how many events were dropped.
    pub fn thin(&mut self, level: u8) -> io::Result<u64> {
        self.level = level;
        let found = self.read(usize::MAX, usize::MAX)?;
        let mut kept = Vec::new();
        let mut dropped = 0;
        for (i, line) in found.lines.iter().enumerate() {
            if thin::keeps(level, i, line) {
                frame(&mut kept, line);
            } else {
                dropped += 1;
            }
        }
        match &mut self.place {
            Place::Memory(held) => *held = kept.clone(),
            Place::File { path, file } => {
                let fresh = path.with_extension("new");
                let mut rewritten = File::options()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .open(&fresh)?;
                rewritten.write_all(&kept)?;
                fs::rename(&fresh, path)?;
                *file = rewritten;
            }
        }
        (self.len, self.sent) = (kept.len() as u64, 0);
        Ok(dropped)
    }

    /// The file, if it has content that may not be on disk.
    pub fn take_unsynced(&mut self) -> Option<File> {
        let fresh = std::mem::take(&mut self.unsynced);
        match &self.place {
            Place::File { file, .. } if fresh && self.sent < self.len => file.try_clone().ok(),
            _ => None,
        }
    }

    /// Removes it.
    pub fn remove(self) {
        if let Place::File { path, .. } = self.place {
            // Nothing unsent is in it; a file that stays is sent once more and dropped then.
            let _ = fs::remove_file(path);
        }
    }
}
