//! A connection whose waits are short.

use super::Pulse;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Longest wait between two looks at the pulse.
pub const SLICE: Duration = Duration::from_millis(50);

/// Reads and writes like a blocking connection, but looks at the pulse and the clock meanwhile.
pub struct Paced<'a> {
    tcp: &'a TcpStream,
    deadline: Instant,
    pulse: Pulse<'a>,
    looked: Instant,
    /// The pulse ended it.
    pub gave_up: bool,
}

impl<'a> Paced<'a> {
    /// `tcp` must have [`SLICE`] as its time limits.
    pub fn new(tcp: &'a TcpStream, deadline: Instant, pulse: Pulse<'a>) -> Self {
        Self {
            tcp,
            deadline,
            pulse,
            looked: Instant::now(),
            gave_up: false,
        }
    }

    fn look(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if now - self.looked >= SLICE {
            self.looked = now;
            if !(self.pulse)() {
                self.gave_up = true;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        if now >= self.deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    fn until_done(
        &mut self,
        mut act: impl FnMut(&mut &TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
        loop {
            self.look()?;
            match act(&mut self.tcp) {
                Err(error) if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) => {}
                other => return other,
            }
        }
    }
}

impl Read for Paced<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.until_done(|tcp| tcp.read(buffer))
    }
}

impl Write for Paced<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until_done(|tcp| tcp.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
