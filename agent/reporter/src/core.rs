//! One reporter in one process: its state, its thread, and what a fork makes of both.

use crate::inbox::FLUSH;
use crate::notice::{Notices, Voice, Weight};
use crate::settings::Mode;
use crate::shared::{Intervals, Shared};
use crate::signals;
use crate::worker::Worker;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long a child of a fork may be held at the end of a job until its events are on disk.
const CHILD_SETTLE: Duration = Duration::from_millis(500);
/// Beyond its own limit, closing waits this long for the thread to see it.
const GRACE: Duration = Duration::from_millis(500);

/// A running reporter.
///
/// After a fork the child has the state but no thread, and locks may be held by threads that do
/// not exist there. So a child touches nothing of its parent's: at the first call it makes a
/// [`Core`] of its own, which reports for the same batch from a spool of its own.
#[derive(Debug)]
pub(crate) struct Core {
    shared: Arc<Shared>,
    voice: Voice,
    pid: u32,
    is_child: bool,
    child: OnceLock<Box<Core>>,
}

impl Core {
    /// Starts the thread; without one (disabled, or the system gives none) nothing is recorded.
    pub fn start(shared: Shared, voice: Voice) -> Self {
        Self::launch(Arc::new(shared), voice, false)
    }

    fn launch(shared: Arc<Shared>, voice: Voice, is_child: bool) -> Self {
        let core = Self {
            shared: Arc::clone(&shared),
            voice,
            pid: std::process::id(),
            is_child,
            child: OnceLock::new(),
        };
        if let Some(why) = shared.settings.why_disabled {
            shared
                .notices
                .once("disabled", Weight::Warning, format!("Reporter: {why}"));
        }
        if shared.settings.mode != Mode::Disabled {
            let worker = Worker::new(Arc::clone(&shared), is_child);
            if let Err(error) = signals::spawn_deaf("argus", move || worker.run()) {
                let text = format!("no thread, so nothing is reported: {error}");
                shared.notices.once("thread", Weight::Error, text);
                shared.inbox.end();
            }
        }
        core
    }

    /// The core of the process this is called in.
    pub fn here(&self) -> &Self {
        let pid = std::process::id();
        let mut core = self;
        while core.pid != pid {
            core = core.child.get_or_init(|| Box::new(core.forked()));
        }
        core
    }

    fn forked(&self) -> Self {
        let shared = Shared::new(
            self.shared.settings.clone(),
            self.shared.batch_id.clone(),
            self.shared.source.clone(),
            Intervals::default(),
            Notices::new(self.voice),
            crate::event::Fields::new(),
        );
        Self::launch(Arc::new(shared), self.voice, true)
    }

    /// Its state.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.shared.settings.mode != Mode::Disabled
    }

    /// Whether this process was forked from the one that began the batch. It reports jobs, but it
    /// does not end its parent's batch.
    pub fn is_child(&self) -> bool {
        self.is_child
    }

    /// Lets a forked child's events reach the disk: such processes end without notice.
    pub fn settle_child(&self) {
        if self.is_child && self.is_on() {
            self.shared.inbox.settle(CHILD_SETTLE);
        }
    }

    /// Sends what is left for at most `limit`; what the server does not have then stays on disk.
    /// Whether everything was sent.
    pub fn close(&self, limit: Duration) -> bool {
        if !self.is_on() {
            return true;
        }
        let deadline = Instant::now() + limit;
        self.shared.inbox.close(deadline);
        self.shared.inbox.ended(deadline + GRACE) && self.shared.stats().unsent_bytes == 0
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // A reporter that is dropped without being closed leaves its events on disk; the thread
        // of a parent is none of a child's business.
        if self.is_on() && self.pid == std::process::id() {
            self.shared.inbox.close(Instant::now() + FLUSH);
        }
    }
}
