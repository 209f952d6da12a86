//! Files of length-prefixed, checksummed records ("TFRecord").

use crate::import::crc32c::masked;

/// The records of a file, up to the first that is damaged.
pub struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    problem: Option<String>,
}

impl<'a> Records<'a> {
    /// Reads from the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            problem: None,
        }
    }

    /// Why reading ended early. A last record that is still being written is no damage.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn part(&self, from: usize, len: usize) -> Option<&'a [u8]> {
        self.bytes.get(from..from.checked_add(len)?)
    }

    fn read(&mut self) -> Option<&'a [u8]> {
        let length = self.part(self.at, 8)?;
        let crc = u32::from_le_bytes(self.part(self.at + 8, 4)?.try_into().ok()?);
        if masked(length) != crc {
            self.problem = Some(format!("damaged length at byte {}", self.at));
            return None;
        }
        let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
        let data = self.part(self.at + 12, length)?;
        let crc = self.part(self.at + 12 + length, 4)?;
        if masked(data) != u32::from_le_bytes(crc.try_into().ok()?) {
            self.problem = Some(format!("damaged record at byte {}", self.at));
            return None;
        }
        self.at += length + 16;
        Some(data)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.problem.is_some() {
            return None;
        }
        self.read()
    }
}
