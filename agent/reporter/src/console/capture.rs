//! Standard output and standard error of this process and its children, at the level of file
//! descriptors: whatever language writes.
//!
//! Both become pipes. A thread of its own passes everything on to where it went before, at once,
//! and folds it into lines beside. When the capture ends, the descriptors are what they were; a
//! child that still writes into the pipes is passed on until it ends.

use super::{Fold, Line, Meter};
use crate::signals;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, dup, read, write};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// How often lines that came to rest are looked for.
const SETTLE: Duration = Duration::from_secs(1);
/// How long the end of a capture waits for what is still in the pipes.
const DRAIN: Duration = Duration::from_millis(500);
/// How long the thread waits for output when nothing is to be done.
const NAP_MS: i64 = 100;

/// One descriptor that is captured.
struct Tap {
    name: &'static str,
    pipe: OwnedFd,
    before: OwnedFd,
    fold: Fold,
    ended: bool,
}

/// A capture that runs. Dropped, it ends.
#[derive(Debug)]
pub struct Capture {
    before: [OwnedFd; 2],
    ending: Arc<AtomicBool>,
    drained: Receiver<()>,
}

impl Capture {
    /// Begins; `line` is called with the stream's name and each line that came to rest, from the
    /// capture's thread.
    ///
    /// # Errors
    /// Those of the system; then nothing is changed.
    pub fn begin(line: impl FnMut(&'static str, &Line) + Send + 'static) -> io::Result<Self> {
        let before = [dup(stdout())?, dup(stderr())?];
        let (out_read, out_write) = pipe_with(PipeFlags::CLOEXEC)?;
        let (err_read, err_write) = pipe_with(PipeFlags::CLOEXEC)?;
        let tap = |name, pipe, before: &OwnedFd| -> io::Result<Tap> {
            Ok(Tap {
                name,
                pipe,
                before: before.try_clone()?,
                fold: Fold::new(),
                ended: false,
            })
        };
        let taps = [
            tap("stdout", out_read, &before[0])?,
            tap("stderr", err_read, &before[1])?,
        ];
        let ending = Arc::new(AtomicBool::new(false));
        let (send, drained) = sync_channel(1);
        let reader = Reader {
            taps,
            line,
            meter: Meter::default(),
            ending: Arc::clone(&ending),
            drained: Some(send),
        };
        signals::spawn_deaf("argus-console", move || reader.run())?;
        dup2_stdout(&out_write)?;
        dup2_stderr(&err_write)?;
        Ok(Self {
            before,
            ending,
            drained,
        })
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Were this to fail, output would go on through the pipes, which are read on.
        let _ = dup2_stdout(&self.before[0]);
        let _ = dup2_stderr(&self.before[1]);
        self.ending.store(true, Ordering::Release);
        let _ = self.drained.recv_timeout(DRAIN);
    }
}

struct Reader<F> {
    taps: [Tap; 2],
    line: F,
    meter: Meter,
    ending: Arc<AtomicBool>,
    /// Given away when everything before the end of the capture was read.
    drained: Option<SyncSender<()>>,
}

impl<F: FnMut(&'static str, &Line)> Reader<F> {
    fn run(mut self) {
        let mut settled = Instant::now();
        while self.taps.iter().any(|tap| !tap.ended) {
            let ending = self.ending.load(Ordering::Acquire);
            let came = self.read();
            if ending && !came {
                self.finish();
            }
            if self.drained.is_some() && settled.elapsed() >= SETTLE {
                settled = Instant::now();
                self.tell(Fold::settle);
            }
        }
        self.finish();
    }

    /// Reads what there is; whether there was anything.
    fn read(&mut self) -> bool {
        let ready: Vec<bool> = {
            let mut fds: Vec<PollFd<'_>> = self
                .taps
                .iter()
                .map(|tap| PollFd::new(&tap.pipe, PollFlags::IN))
                .collect();
            let nap = Timespec {
                tv_sec: 0,
                tv_nsec: NAP_MS * 1_000_000,
            };
            if poll(&mut fds, Some(&nap)).is_err() {
                return false;
            }
            fds.iter().map(|fd| !fd.revents().is_empty()).collect()
        };
        let mut came = false;
        for (at, ready) in ready.into_iter().enumerate() {
            let tap = &mut self.taps[at];
            if !ready || tap.ended {
                continue;
            }
            let mut piece = [0; 32 * 1024];
            match read(&tap.pipe, &mut piece) {
                Ok(0) => tap.ended = true,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => tap.ended = true,
                Ok(length) => {
                    came = true;
                    pass_on(&tap.before, &piece[..length]);
                    if self.drained.is_some() {
                        let (name, lines) = (tap.name, tap.fold.feed(&piece[..length]));
                        self.record(name, &lines);
                    }
                }
            }
        }
        // A pipe that ended is ready for ever.
        if !came && self.taps.iter().any(|tap| tap.ended) {
            std::thread::sleep(Duration::from_millis(NAP_MS as u64));
        }
        came
    }

    fn tell(&mut self, lines: fn(&mut Fold) -> Vec<Line>) {
        for at in 0..self.taps.len() {
            let tap = &mut self.taps[at];
            let (name, lines) = (tap.name, lines(&mut tap.fold));
            self.record(name, &lines);
        }
    }

    fn record(&mut self, name: &'static str, lines: &[Line]) {
        for line in lines {
            if self.meter.passes(Instant::now()) {
                if let Some(count) = self.meter.left_out() {
                    let text = format!("argus: {count} lines of output were left out");
                    let note = Line {
                        text,
                        redrawn: false,
                    };
                    (self.line)(name, &note);
                }
                (self.line)(name, line);
            }
        }
    }

    /// Tells what is left, once; later output is passed on only.
    fn finish(&mut self) {
        if let Some(drained) = self.drained.take() {
            self.tell(Fold::end);
            // Nobody may wait any more.
            let _ = drained.try_send(());
        }
    }
}

fn pass_on(to: &OwnedFd, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match write(to, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR | Errno::AGAIN) => std::thread::yield_now(),
            // The terminal is gone; the lines are still recorded.
            Err(_) => return,
        }
    }
}
