//! A connection: greeting, questions with answers, news.

use super::wire::{Kind, LONGEST, Message};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Most news kept while an answer is waited for.
const NEWS: usize = 256;

/// Why systemd gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The socket is not there or broke.
    #[error("systemd cannot be asked: {0}")]
    Io(#[from] io::Error),
    /// It did not answer in time.
    #[error("systemd did not answer in time")]
    Slow,
    /// It refused; a name such as `org.freedesktop.DBus.Error.AccessDenied`, and its reason.
    #[error("systemd refused: {0}: {1}")]
    Refused(String, String),
    /// It said something else than it should.
    #[error("systemd's answer makes no sense: {0}")]
    Garbled(&'static str),
}

pub(super) struct Connection {
    stream: UnixStream,
    serial: u32,
    news: VecDeque<Message>,
}

impl Connection {
    pub(super) fn open(socket: &Path, limit: Duration) -> Result<Self, BusError> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        let mut connection = Self {
            stream,
            serial: 0,
            news: VecDeque::new(),
        };
        connection.greet()?;
        Ok(connection)
    }

    /// Says who we are; the kernel vouches for it.
    fn greet(&mut self) -> Result<(), BusError> {
        let user = rustix::process::geteuid().as_raw().to_string();
        let digits: String = user.bytes().map(|b| format!("{b:02x}")).collect();
        self.stream
            .write_all(format!("\0AUTH EXTERNAL {digits}\r\n").as_bytes())?;
        let mut line = Vec::new();
        let mut byte = [0_u8];
        while !line.ends_with(b"\r\n") {
            self.stream.read_exact(&mut byte)?;
            line.push(byte[0]);
            if line.len() > 512 {
                return Err(BusError::Garbled("a greeting without an end"));
            }
        }
        if !line.starts_with(b"OK ") {
            return Err(BusError::Refused(
                "greeting".into(),
                crate::text::clean(&String::from_utf8_lossy(&line), 100),
            ));
        }
        self.stream.write_all(b"BEGIN\r\n")?;
        Ok(())
    }

    /// Asks and waits for the answer to this very question.
    pub(super) fn call(&mut self, message: &Message, limit: Duration) -> Result<Message, BusError> {
        self.serial += 1;
        let serial = self.serial;
        self.stream.write_all(&message.encode(serial))?;
        let end = Instant::now() + limit;
        loop {
            let answer = self.read(end)?;
            match answer.kind {
                Kind::Return if answer.reply_to == Some(serial) => return Ok(answer),
                Kind::Error if answer.reply_to == Some(serial) => {
                    let why = if answer.signature.starts_with('s') {
                        answer.reader().string()?
                    } else {
                        String::new()
                    };
                    return Err(BusError::Refused(
                        answer.error.unwrap_or_default(),
                        crate::text::clean(&why, 200),
                    ));
                }
                Kind::Signal => {
                    self.news.push_back(answer);
                    if self.news.len() > NEWS {
                        self.news.pop_front();
                    }
                }
                Kind::Return | Kind::Error | Kind::Call => {}
            }
        }
    }

    /// The next piece of news.
    pub(super) fn signal(&mut self, limit: Duration) -> Result<Message, BusError> {
        if let Some(kept) = self.news.pop_front() {
            return Ok(kept);
        }
        let end = Instant::now() + limit;
        loop {
            let message = self.read(end)?;
            if message.kind == Kind::Signal {
                return Ok(message);
            }
        }
    }

    fn read(&mut self, end: Instant) -> Result<Message, BusError> {
        let mut head = [0_u8; 16];
        self.fill(&mut head, end)?;
        let length = Message::length(&head)?;
        if length > 2 * LONGEST {
            return Err(BusError::Garbled("a message that is too long"));
        }
        let mut whole = head.to_vec();
        whole.resize(length, 0);
        self.fill(&mut whole[16..], end)?;
        Message::decode(&whole)
    }

    fn fill(&mut self, mut into: &mut [u8], end: Instant) -> Result<(), BusError> {
        while !into.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(BusError::Slow);
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(into) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                Ok(read) => into = &mut into[read..],
                Err(e)
                    if matches!(
                        e.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return Err(BusError::Slow);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }
}
