//! Where events wait for the loop, and how the loop sleeps until there are some: one wait for the
//! mail of other threads, for signals, and for processes, so an idle daemon does nothing at all.

use crate::event::Event;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// The address other threads write to.
#[derive(Clone, Debug)]
pub struct Post {
    sender: Sender<Event>,
    bell: Arc<OwnedFd>,
}

impl Post {
    /// Sends an event and wakes the loop.
    pub fn send(&self, event: Event) {
        // The loop ends last; nobody is there to read what comes after.
        if self.sender.send(event).is_ok() {
            let _ = rustix::io::write(&*self.bell, &1u64.to_ne_bytes());
        }
    }
}

/// Signals that came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// A child changed.
    pub child: bool,
    /// The daemon is to end.
    pub end: bool,
    /// Files changed.
    pub reload: bool,
}

/// The loop's side.
#[derive(Debug)]
pub struct Mailbox {
    receiver: Receiver<Event>,
    post: Post,
    signals: [(i32, UnixStream); 4],
}

impl Mailbox {
    /// Makes a mailbox and takes over the signals.
    ///
    /// # Errors
    /// When the host has no descriptors left.
    pub fn new() -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let listen = |signal: i32| -> std::io::Result<(i32, UnixStream)> {
            let (ours, theirs) = UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(signal, theirs)?;
            Ok((signal, ours))
        };
        Ok(Self {
            receiver,
            post: Post {
                sender,
                bell: Arc::new(bell),
            },
            signals: [
                listen(SIGCHLD)?,
                listen(SIGTERM)?,
                listen(SIGINT)?,
                listen(SIGHUP)?,
            ],
        })
    }

    /// The address to write to.
    pub fn post(&self) -> Post {
        self.post.clone()
    }

    /// Sleeps until there is something, at most `limit`.
    pub fn wait<'a>(
        &self,
        others: impl Iterator<Item = BorrowedFd<'a>>,
        limit: Duration,
    ) -> Signals {
        let bell = self.post.bell.as_fd();
        let mut fds = vec![PollFd::from_borrowed_fd(bell, PollFlags::IN)];
        for (_, stream) in &self.signals {
            fds.push(PollFd::new(stream, PollFlags::IN));
        }
        fds.extend(others.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let limit = Timespec {
            tv_sec: limit.as_secs() as i64,
            tv_nsec: limit.subsec_nanos().into(),
        };
        let _ = poll(&mut fds, Some(&limit));
        let others_ready = fds[1 + self.signals.len()..]
            .iter()
            .any(|fd| !fd.revents().is_empty());
        let _ = rustix::io::read(bell, &mut [0u8; 8]);
        let mut found = Signals {
            child: others_ready,
            ..Signals::default()
        };
        for (signal, stream) in &self.signals {
            let mut stream = stream;
            let came = matches!(stream.read(&mut [0u8; 64]), Ok(n) if n > 0);
            match *signal {
                SIGCHLD => found.child |= came,
                SIGHUP => found.reload |= came,
                _ => found.end |= came,
            }
        }
        found
    }

    /// The next event, if there is one.
    pub fn next(&self) -> Option<Event> {
        self.receiver.try_recv().ok()
    }
}
