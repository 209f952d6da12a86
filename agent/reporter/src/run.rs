//! A batch that is being reported.

use crate::artifact::{Artifact, Owner, Uploader};
use crate::builder::Builder;
use crate::console::{Capture, Line};
use crate::core::Core;
use crate::event::{Event, Fields, Kind};
use crate::job::{JobBuilder, Stream};
use crate::notice::Notices;
use crate::settings::{Mode, Settings};
use crate::shared::Stats;
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the end of a batch may take.
pub const CLOSE: Duration = Duration::from_secs(3);
/// How long a file waits for the events before it.
const BEFORE_FILES: Duration = Duration::from_secs(2);

/// Reports one batch. Its calls neither block nor fail.
///
/// May be used from any thread, and after a fork: see the crate's documentation.
#[derive(Debug)]
pub struct Reporter {
    pub(crate) core: Arc<Core>,
    begun: Instant,
    done: AtomicU64,
    failed: AtomicU64,
    heeded: AtomicBool,
    console: Mutex<Option<Capture>>,
}

impl Reporter {
    pub(crate) fn of(core: Core) -> Self {
        Self {
            core: Arc::new(core),
            begun: Instant::now(),
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            heeded: AtomicBool::new(false),
            console: Mutex::default(),
        }
    }

    /// Command line of the batch.
    pub fn command(&self) -> Option<&str> {
        self.core.shared().source.command.as_deref()
    }

    /// Prepares a batch.
    pub fn builder(prefix: &str) -> Builder {
        Builder::new(prefix)
    }

    /// Id of the batch.
    pub fn batch_id(&self) -> &str {
        &self.core.shared().batch_id
    }

    /// Whether anything is recorded at all.
    pub fn is_on(&self) -> bool {
        self.core.is_on()
    }

    /// Whether somebody asked the batch to stop. Costs next to nothing: ask once per step, and end
    /// soon when it says so: whatever ends well from then on counts as stopped, not as done.
    pub fn stopped(&self) -> bool {
        let own = self.core.here().shared();
        let stopped = own.stopped.load(Ordering::Acquire)
            || self.core.shared().stopped.load(Ordering::Acquire);
        if stopped {
            self.heeded.store(true, Ordering::Relaxed);
        }
        stopped
    }

    /// Whether [`Reporter::stopped`] said yes to anybody: a script that never asked came to its
    /// end by itself.
    pub fn heeded(&self) -> bool {
        self.heeded.load(Ordering::Relaxed)
    }

    /// Prepares a job of this batch.
    pub fn job<'a>(&'a self, job_id: &str) -> JobBuilder<'a> {
        JobBuilder::new(self, job_id)
    }

    /// The events of a job, or of none; of this batch, unless another id is given.
    pub fn stream(&self, batch_id: Option<&str>, job_id: Option<&str>) -> Stream {
        Stream::new(&self.core, batch_id.unwrap_or(self.batch_id()), job_id)
    }

    /// The job that runs, for signs of life.
    pub fn set_active_job(&self, job_id: Option<&str>) {
        self.core.here().shared().set_active_job(job_id);
    }

    /// Server, token and mode in use.
    pub fn settings(&self) -> &Settings {
        &self.core.shared().settings
    }

    /// Counts a job that ended, for `batch_done`. One that was cut short is neither done nor failed.
    pub fn count_job(&self, well: bool) {
        if well && self.heeded() {
            return;
        }
        let counter = if well { &self.done } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// At the end of a job in a forked child: lets its events reach the disk, since such processes
    /// end without notice. Returns at once elsewhere.
    pub fn settle_child(&self) {
        self.core.here().settle_child();
    }

    /// Records an event of any kind that happens now.
    pub fn record(&self, kind: Kind, job_id: Option<&str>, data: Fields) {
        if self.is_on() {
            self.core.here().shared().record(kind, job_id, &data);
        }
    }

    /// Records an event with an id and a time of its own: for importers.
    pub fn record_event(&self, event: &Event) {
        if self.is_on() {
            self.core.here().shared().record_event(event);
        }
    }

    /// Records a line of the batch's own log.
    pub fn log(&self, level: &str, line: &str) {
        let mut data = Fields::new();
        data.insert("line".into(), line.into());
        data.insert("level".into(), level.into());
        self.record(Kind::LogLine, None, data);
    }

    /// Sends a file of the batch and waits for it; whether the server has it.
    pub fn upload(&self, path: &Path) -> bool {
        let owner = Owner::Batch(self.batch_id());
        self.upload_for(owner, &[path]) == 1
    }

    /// Sends files one after another, after the events recorded so far; how many the server has.
    /// Ends early when the server cannot be reached.
    pub fn upload_for(&self, owner: Owner<'_>, paths: &[&Path]) -> usize {
        let shared = self.core.here().shared();
        if shared.settings.mode != Mode::Online || paths.is_empty() {
            return 0;
        }
        shared.inbox.drain(BEFORE_FILES);
        let mut uploader = Uploader::new(&shared.settings);
        let mut sent = 0;
        for path in paths {
            let artifact = Artifact {
                path,
                owner,
                fields: &[("kind", "image")],
                mime: None,
            };
            match uploader.send(&artifact) {
                Ok(true) => sent += 1,
                Ok(false) => {}
                Err(_) => break,
            }
        }
        sent
    }

    /// Begins to record what this process and its children print, as log lines of the job that
    /// runs; it still goes where it went before. Whether it does now.
    pub fn capture_console(&self) -> bool {
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        if console.is_none() && self.is_on() {
            let core = Arc::clone(&self.core);
            let record = move |stream: &'static str, line: &Line| {
                let mut data = Fields::new();
                data.insert("line".into(), line.text.as_str().into());
                data.insert("level".into(), "info".into());
                data.insert("stream".into(), stream.into());
                let shared = core.shared();
                shared.record(Kind::LogLine, shared.active_job().as_deref(), &data);
            };
            *console = Capture::begin(record).ok();
        }
        console.is_some()
    }

    /// Ends that.
    pub fn release_console(&self) {
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.core.here().is_child() {
            drop(console.take());
        }
    }

    /// What was sent and what was not.
    pub fn stats(&self) -> Stats {
        self.core.here().shared().stats()
    }

    /// Things to say to people, when the voice is [`crate::Voice::Kept`].
    pub fn notices(&self) -> &Notices {
        &self.core.here().shared().notices
    }

    /// Waits until the server has everything recorded so far; whether it has.
    pub fn drain(&self, limit: Duration) -> bool {
        !self.is_on() || self.core.here().shared().inbox.drain(limit)
    }

    /// Ends the batch well, or as stopped if that is why it ends, and sends what is left, for at most [`CLOSE`]. What the server does not
    /// have then is on disk, and the next reporter on this host brings it. Whether all was sent.
    pub fn finish(self) -> bool {
        self.end(None, CLOSE)
    }

    /// Ends the batch with an error; otherwise like [`Reporter::finish`].
    pub fn fail(self, reason: &str) -> bool {
        self.end(Some(reason), CLOSE)
    }

    /// Ends the batch, with an error if there is a reason, and sends what is left for at most
    /// `limit`. In a forked child this ends nothing: the batch is its parent's.
    pub fn end(&self, reason: Option<&str>, limit: Duration) -> bool {
        if !self.core.here().is_child() {
            let mut data = Fields::new();
            let kind = match reason {
                Some(reason) => {
                    data.insert("reason".into(), reason.into());
                    Kind::BatchFailed
                }
                None => {
                    if self.heeded() {
                        data.insert("status".into(), "STOPPED".into());
                    }
                    data.insert("n_done".into(), self.done.load(Ordering::Relaxed).into());
                    data.insert(
                        "n_failed".into(),
                        self.failed.load(Ordering::Relaxed).into(),
                    );
                    Kind::BatchDone
                }
            };
            let elapsed = Value::from(self.begun.elapsed().as_secs_f64());
            data.insert("total_elapsed_s".into(), elapsed);
            self.record(kind, None, data);
        }
        self.close(limit)
    }

    /// Sends what is left for at most `limit` and ends nothing: for importers, and where the batch
    /// goes on elsewhere. Whether all was sent.
    pub fn close(&self, limit: Duration) -> bool {
        self.core.here().close(limit)
    }
}
