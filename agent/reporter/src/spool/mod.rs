//! Unsent events on disk, in segments that are only appended to.
//!
//! A line is eight hexadecimal digits of CRC-32, a blank, the event. A line torn by a crash, or
//! damaged, is skipped. What cannot be written (full disk, read-only home) stays in memory, within
//! a bound, and goes to the disk's segments again when there is room.
//!
//! **What survives what.** Events are written every 100 ms ([`crate::FLUSH`]): what was recorded
//! longer ago survives the end of the process, however it ends. The system is asked to bring
//! unsent segments to the disk every 5 s, so a loss of power costs at most these 5 s of events
//! that the server does not have.

mod home;
mod legacy;
mod segment;
mod thin;

pub use home::{Home, Label, spools_in};
pub use legacy::adopt as adopt_legacy;
pub use segment::Segment;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// A segment is full with this many bytes.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of segments that may stay in memory where the disk takes none.
const MEMORY_BYTES: u64 = 32 * 1024 * 1024;
/// Unsent events may take this share of the free disk, but always [`LEAST_BYTES`].
const DISK_SHARE: u64 = 20;
/// See [`DISK_SHARE`].
const LEAST_BYTES: u64 = 64 * 1024 * 1024;

/// Events for one request.
#[derive(Debug)]
pub struct Batch {
    /// The events, without line ends.
    pub lines: Vec<Vec<u8>>,
    segment: u64,
    end: u64,
    damaged: u64,
}

/// Events that were not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Details dropped because there was no room.
    pub thinned: u64,
    /// Lines that could not be read back.
    pub damaged: u64,
}

/// Unsent events of one process.
#[derive(Debug)]
pub struct Spool {
    home: Home,
    segments: VecDeque<Segment>,
    next: u64,
    limit: u64,
    in_flight: Vec<u64>,
    /// What was lost since this was last looked at.
    pub losses: Losses,
    /// Why the last write to disk failed.
    pub disk_error: Option<io::Error>,
}

impl Spool {
    /// An empty spool; nothing is created before the first event.
    pub fn new(home: Home, limit: u64) -> Self {
        Self {
            home,
            segments: VecDeque::new(),
            next: 1,
            limit,
            in_flight: Vec::new(),
            losses: Losses::default(),
            disk_error: None,
        }
    }

    /// What another process left, which must be locked.
    ///
    /// # Errors
    /// Those of listing the folder.
    pub fn reopen(home: Home, limit: u64) -> io::Result<Self> {
        let mut spool = Self::new(home, limit);
        for (id, path) in spool.home.segments()? {
            spool.next = spool.next.max(id + 1);
            if let Some(segment) = Segment::reopen(id, path)? {
                spool.segments.push_back(segment);
            }
        }
        legacy::absorb(&mut spool)?;
        Ok(spool)
    }

    /// Whose events these are.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Unsent bytes.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(Segment::unsent).sum()
    }

    /// Whether everything was sent.
    pub fn is_empty(&self) -> bool {
        self.segments.iter().all(|segment| segment.unsent() == 0)
    }

    /// Adds events, each with a line end. Never fails: what the disk refuses stays in memory.
    pub fn append(&mut self, lines: &[u8]) {
        let mut framed = Vec::with_capacity(lines.len() + lines.len() / 16);
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            segment::frame(&mut framed, line);
        }
        if let Err(error) = self.append_to_file(&framed) {
            self.disk_error = Some(error);
            self.append_to_memory(&framed);
        }
        self.make_room();
    }

    fn append_to_file(&mut self, framed: &[u8]) -> io::Result<()> {
        let fits = |s: &Segment| s.is_file() && s.len() < SEGMENT_BYTES;
        if !self.segments.back().is_some_and(fits) {
            let path = self.home.create()?.join(format!("{:08}.seg", self.next));
            self.segments.push_back(Segment::create(self.next, path)?);
            self.next += 1;
        }
        match self.segments.back_mut() {
            Some(active) => active.append(framed),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn append_to_memory(&mut self, framed: &[u8]) {
        let fits = |s: &Segment| !s.is_file() && s.len() < SEGMENT_BYTES;
        // A file that takes nothing more would be tried again at each flush.
        if self.segments.back().is_some_and(|s| s.unsent() == 0) {
            self.forget_back();
        }
        if !self.segments.back().is_some_and(fits) {
            self.segments.push_back(Segment::in_memory(self.next));
            self.next += 1;
        }
        if let Some(Ok(())) = self.segments.back_mut().map(|s| s.append(framed)) {
            return;
        }
        self.losses.thinned += memchr::memchr_iter(b'\n', framed).count() as u64;
    }

    fn forget_back(&mut self) {
        if let Some(segment) = self.segments.pop_back() {
            segment.remove();
        }
    }

    /// Thins what is oldest until everything fits: first log lines and gauges, then most epochs,
    /// at last all detail. Lifecycle events stay.
    fn make_room(&mut self) {
        let memory = |spool: &Self| -> u64 {
            let in_memory = spool.segments.iter().filter(|s| !s.is_file());
            in_memory.map(Segment::len).sum()
        };
        let total = |spool: &Self| -> u64 { spool.segments.iter().map(Segment::len).sum() };
        let full = |spool: &Self, limit: u64| total(spool) > limit || memory(spool) > MEMORY_BYTES;
        if !full(self, self.limit.min(LEAST_BYTES)) {
            return;
        }
        let limit = self.limit.min(self.share_of_disk(total(self)));
        for level in 1..=thin::LEVELS {
            for at in 0..self.segments.len() {
                if !full(self, limit) {
                    return;
                }
                let segment = &mut self.segments[at];
                if !self.in_flight.contains(&segment.id()) && segment.level() < level {
                    // A segment that cannot be rewritten keeps what it has.
                    self.losses.thinned += segment.thin(level).unwrap_or_default();
                }
            }
        }
    }

    fn share_of_disk(&self, own: u64) -> u64 {
        let free = self.home.free_bytes().map_or(u64::MAX, |free| free + own);
        (free / DISK_SHARE).max(LEAST_BYTES)
    }

    /// The oldest unsent events, at most `events` of them and about `bytes`. They count as unsent
    /// until [`Spool::done`].
    pub fn peek(&mut self, events: usize, bytes: usize) -> Option<Batch> {
        loop {
            let segment = self.segments.iter_mut().find(|s| s.unsent() > 0)?;
            match segment.read(events, bytes) {
                Ok(found) if found.lines.is_empty() => {
                    self.losses.damaged += found.damaged;
                    segment.done(found.end);
                    self.drop_sent();
                }
                Ok(found) => {
                    self.in_flight.push(segment.id());
                    return Some(Batch {
                        lines: found.lines,
                        segment: segment.id(),
                        end: found.end,
                        damaged: found.damaged,
                    });
                }
                Err(_) => {
                    // Gone or unreadable: nothing of it can be sent any more.
                    self.losses.damaged += 1;
                    let all = segment.len();
                    segment.done(all);
                    self.drop_sent();
                }
            }
        }
    }

    /// The server has these events, or they are kept aside.
    pub fn done(&mut self, batch: &Batch) {
        self.in_flight.clear();
        self.losses.damaged += batch.damaged;
        if let Some(segment) = self.segments.iter_mut().find(|s| s.id() == batch.segment) {
            segment.done(batch.end);
        }
        self.drop_sent();
    }

    /// What was peeked or read is to be sent again.
    pub fn put_back(&mut self) {
        self.in_flight.clear();
    }

    fn drop_sent(&mut self) {
        while self.segments.len() > 1 && self.segments[0].unsent() == 0 {
            if let Some(segment) = self.segments.pop_front() {
                segment.remove();
            }
        }
        if let [last] = self.segments.make_contiguous()
            && last.unsent() == 0
        {
            last.reset();
        }
    }

    /// Segments that are full, oldest first, for an upload as a whole: ids and sizes.
    pub fn full_segments(&self) -> Vec<(u64, u64)> {
        let all = self.segments.len().saturating_sub(1);
        let full = self.segments.iter().take(all);
        full.map(|s| (s.id(), s.unsent())).collect()
    }

    /// Reads the unsent events of a segment, each with a line end.
    ///
    /// # Errors
    /// Those of the file system; `NotFound` for an unknown segment.
    pub fn read_segment(&mut self, id: u64) -> io::Result<Vec<u8>> {
        let segment = self.segments.iter_mut().find(|s| s.id() == id);
        let segment = segment.ok_or(io::ErrorKind::NotFound)?;
        let found = segment.read(usize::MAX, usize::MAX)?;
        self.in_flight.push(id);
        self.losses.damaged += found.damaged;
        let mut out = Vec::with_capacity(found.lines.iter().map(|line| line.len() + 1).sum());
        for line in found.lines {
            out.extend_from_slice(&line);
            out.push(b'\n');
        }
        Ok(out)
    }

    /// The server has all of a segment.
    pub fn segment_done(&mut self, id: u64) {
        self.in_flight.clear();
        if let Some(segment) = self.segments.iter_mut().find(|s| s.id() == id) {
            let all = segment.len();
            segment.done(all);
        }
        self.drop_sent();
    }

    /// Files whose content the system may not have brought to disk yet.
    pub fn unsynced(&mut self) -> Vec<File> {
        self.segments
            .iter_mut()
            .filter_map(Segment::take_unsynced)
            .collect()
    }

    /// Removes the folder when everything was sent; whether it is gone or never was.
    pub fn close(mut self) -> bool {
        if !self.is_empty() {
            return false;
        }
        for segment in self.segments.drain(..) {
            segment.remove();
        }
        self.home.remove();
        true
    }

    /// Where this process keeps its events, once it keeps some.
    pub fn path(&self) -> Option<PathBuf> {
        self.home.path().map(PathBuf::from)
    }
}

#[cfg(test)]
mod tests;
