//! The file: records cut into pieces of blocks, each with its checksum.

use std::ops::Range;

/// Beginning of every file: a word, a number, a version.
const HEADER: usize = 7;
const WORD: &[u8] = b":W&B";
/// Pieces never cross a multiple of this.
const BLOCK: usize = 32 * 1024;
/// Checksum, length, kind.
const PIECE: usize = 7;

const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

/// The records of a file, up to the first that is damaged.
pub struct Log<'a> {
    bytes: &'a [u8],
    at: usize,
    problem: Option<String>,
}

impl<'a> Log<'a> {
    /// Reads from the beginning; `None` when this is another kind of file.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        bytes.starts_with(WORD).then_some(Self {
            bytes,
            at: HEADER,
            problem: None,
        })
    }

    /// Why reading ended early. A run that was killed leaves half a record: no damage.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// The next piece: its kind and where its data lies.
    fn piece(&mut self) -> Option<(u8, Range<usize>)> {
        let left = BLOCK - self.at % BLOCK;
        if left < PIECE {
            self.at += left;
        }
        let head = self.bytes.get(self.at..self.at + PIECE)?;
        let crc = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let length = usize::from(u16::from_le_bytes([head[4], head[5]]));
        let data = self.at + PIECE..self.at + PIECE + length;
        let mut sum = flate2::Crc::new();
        sum.update(&head[6..]);
        sum.update(self.bytes.get(data.clone())?);
        if sum.sum() != crc {
            self.problem = Some(format!("damaged at byte {}", self.at));
            return None;
        }
        self.at = data.end;
        Some((head[6], data))
    }
}

impl Iterator for Log<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut whole = Vec::new();
        while self.problem.is_none() {
            let (kind, data) = self.piece()?;
            if [FULL, FIRST].contains(&kind) {
                whole.clear();
            }
            whole.extend_from_slice(&self.bytes[data]);
            match kind {
                FULL | LAST => return Some(whole),
                FIRST | MIDDLE => {}
                _ => self.problem = Some(format!("strange piece before byte {}", self.at)),
            }
        }
        None
    }
}
