//! The background thread: takes events, writes them to disk, sends them, and keeps the clock for
//! everything that happens at intervals.

use crate::aside::Aside;
use crate::backlog::Backlog;
use crate::chores::Chores;
use crate::event::{Fields, Kind};
use crate::inbox::Inbox;
use crate::notice::Weight;
use crate::sender::Sender;
use crate::settings::Mode;
use crate::shared::Shared;
use crate::spool::{Home, Label, Spool};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the system is asked to bring unsent events to the disk.
const SYNC: Duration = Duration::from_secs(5);
/// Longest sleep: results of other threads are looked at then.
const NAP: Duration = Duration::from_secs(1);

/// Takes events from callers and writes them to disk: all the thread does while it waits for the
/// network.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<Shared>,
    /// Unsent events of this process.
    pub spool: Spool,
    spare: Vec<u8>,
    sync: Aside<()>,
    synced: Instant,
    /// Something came that people wait for.
    pub urgent: bool,
    /// When the oldest unsent event came.
    pub since: Option<Instant>,
    /// Events since then.
    pub waiting: usize,
    unreported: u64,
}

impl Writer {
    fn new(shared: Arc<Shared>) -> Self {
        let settings = &shared.settings;
        let label = Label {
            url: settings.url.clone(),
            batch_id: shared.batch_id.clone(),
            project: shared.source.project.clone(),
            pid: std::process::id(),
            host: shared.source.host.clone().unwrap_or_default(),
            started: crate::clock::now_text(),
            offline: settings.mode == Mode::Offline,
        };
        let spool = Spool::new(Home::new(&settings.dir, label), settings.spool_bytes);
        Self {
            shared,
            spool,
            spare: Vec::new(),
            sync: Aside::new(),
            synced: Instant::now(),
            urgent: false,
            since: None,
            waiting: 0,
            unreported: 0,
        }
    }

    fn inbox(&self) -> &Inbox {
        &self.shared.inbox
    }

    /// Writes what waits.
    pub fn flush(&mut self) {
        let taken = self.shared.inbox.take(std::mem::take(&mut self.spare));
        if !taken.lines.is_empty() {
            self.spool.append(&taken.lines);
            self.since.get_or_insert_with(Instant::now);
            self.waiting += memchr::memchr_iter(b'\n', &taken.lines).count();
        }
        self.urgent |= taken.urgent;
        self.spare = taken.lines;
        // One burst must not cost memory for ever.
        self.spare.shrink_to(4 * 1024 * 1024);
        self.shared.inbox.written(taken.last);
        self.shared.set_unsent(self.spool.bytes());
        self.tell_losses(taken.dropped);
        self.sync.take();
        if self.synced.elapsed() >= SYNC {
            self.synced = Instant::now();
            let files = self.spool.unsynced();
            if !files.is_empty() {
                let work = move || files.iter().for_each(|file| drop(file.sync_data()));
                self.sync.start("argus-sync", work);
            }
        }
    }

    /// Called every 50 ms while the thread waits for the network; whether it may go on waiting.
    pub fn pulse(&mut self) -> bool {
        if self.inbox().is_due() {
            self.flush();
        }
        let closing = self.inbox().closing();
        closing.is_none_or(|deadline| Instant::now() < deadline)
    }

    fn tell_losses(&mut self, dropped: u64) {
        let notices = &self.shared.notices;
        let losses = std::mem::take(&mut self.spool.losses);
        let lost = dropped + losses.thinned;
        if lost > 0 {
            self.shared.count(0, 0, lost);
            self.unreported += lost;
            let text = "unsent events need more room than there is: the oldest log lines, gauges \
                        and epochs are dropped (ARGUS_SPOOL_MB)";
            notices.once("room", Weight::Warning, text.into());
        }
        if losses.damaged > 0 {
            let text = format!("{} lines on disk were torn or damaged", losses.damaged);
            notices.once("damaged", Weight::Warning, text);
        }
        if let Some(error) = self.spool.disk_error.take() {
            let dir = self.shared.settings.dir.display();
            let text = format!("cannot write to {dir}: {error}; events wait in memory");
            notices.once("disk", Weight::Warning, text);
        }
    }

    /// Says in the batch's own log that detail is missing, once events get through again.
    pub fn report_losses(&mut self) {
        let lost = std::mem::take(&mut self.unreported);
        if lost > 0 {
            let line = format!("argus: {lost} events were dropped while the server was away");
            let mut data = Fields::new();
            data.insert("line".into(), line.into());
            data.insert("level".into(), "warning".into());
            self.shared.record(Kind::LogLine, None, &data);
        }
    }
}

/// The thread's own state.
#[derive(Debug)]
pub(crate) struct Worker {
    shared: Arc<Shared>,
    writer: Writer,
    sender: Sender,
    backlog: Backlog,
    chores: Chores,
}

impl Worker {
    /// Prepares the thread.
    pub fn new(shared: Arc<Shared>, is_child: bool) -> Self {
        Self {
            writer: Writer::new(Arc::clone(&shared)),
            sender: Sender::new(Arc::clone(&shared)),
            backlog: Backlog::new(Arc::clone(&shared), is_child),
            chores: Chores::new(Arc::clone(&shared)),
            shared,
        }
    }

    /// Runs until the reporter is closed. A fault of ours ends the reporting, not the training.
    pub fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let ended = catch_unwind(AssertUnwindSafe(|| self.turn_until_closed()));
        if ended.is_err() {
            let text = "a fault inside the reporter ended it; events stay on disk";
            shared.notices.once("fault", Weight::Error, text.into());
        }
        shared.inbox.end();
    }

    fn turn_until_closed(&mut self) {
        let inbox = &Arc::clone(&self.shared).inbox;
        loop {
            inbox.wait(self.next_turn());
            self.writer.flush();
            if let Some(deadline) = inbox.closing() {
                return self.finish(deadline);
            }
            let draining = inbox.is_draining();
            self.turn(draining);
            if draining && self.writer.spool.is_empty() && self.backlog.is_empty() {
                inbox.drained();
            }
        }
    }

    fn next_turn(&self) -> Instant {
        let now = Instant::now();
        let sends = self.sender.due(&self.writer, &self.backlog, now);
        let chores = self.chores.next();
        (now + NAP).min(sends.unwrap_or(now + NAP)).min(chores)
    }

    fn turn(&mut self, draining: bool) {
        let now = Instant::now();
        let heard = self.sender.heard();
        let writer = &mut self.writer;
        self.chores
            .turn(now, heard, &mut self.sender, &mut || writer.pulse());
        self.backlog.turn(now, &mut self.writer);
        let due = self.sender.due(&self.writer, &self.backlog, now);
        if due.is_some_and(|due| due <= now) || (draining && self.sender.may(now)) {
            self.sender.turn(&mut self.writer, &mut self.backlog);
        }
    }

    /// Sends what is left until `deadline`, then leaves the rest on disk.
    fn finish(&mut self, deadline: Instant) {
        self.chores
            .finish(deadline.saturating_duration_since(Instant::now()));
        self.writer.flush();
        let others = self.backlog.look_late(&mut self.writer);
        // A server known to be away gets one more chance, not the whole time.
        let mut chances = self.sender.chances();
        while chances > 0 && Instant::now() < deadline {
            let left = if others {
                self.backlog.is_empty()
            } else {
                self.backlog.own_is_empty()
            };
            if self.writer.spool.is_empty() && left {
                break;
            }
            let writer = &mut self.writer;
            if self.sender.turn(writer, &mut self.backlog) {
                continue;
            }
            chances -= 1;
            let pause = self
                .sender
                .pause()
                .min(deadline - Instant::now().min(deadline));
            if chances > 0 {
                std::thread::sleep(pause);
            }
        }
        self.shared.inbox.seal();
        self.writer.flush();
        for file in self.writer.spool.unsynced() {
            // Ending must not wait for a slow disk longer than it was given.
            if Instant::now() < deadline {
                drop(file.sync_data());
            }
        }
        self.shared.set_unsent(self.writer.spool.bytes());
        let empty = Spool::new(Home::new(&self.shared.settings.dir, Label::default()), 0);
        std::mem::replace(&mut self.writer.spool, empty).close();
    }
}
