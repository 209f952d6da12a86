//! A batch that is being reported.

use crate::artifact::{Artifact, Owner, Uploader};
use crate::console::{Capture, Line};
use crate::core::Core;
use crate::event::{Event, Fields, Kind, Source};
use crate::git::Checkout;
use crate::ids::new_batch_id;
use crate::job::{JobBuilder, Stream};
use crate::notice::{Notices, Voice};
use crate::settings::{Mode, Settings};
use crate::shared::{Intervals, Shared, Stats};
use crate::vars;
use probe::Probe;
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the end of a batch may take.
pub const CLOSE: Duration = Duration::from_secs(3);
/// How long a file waits for the events before it.
const BEFORE_FILES: Duration = Duration::from_secs(2);

/// Whether a batch of this process has the id the agent gave it. Only the first one may: others
/// would be merged into it.
static PINNED: AtomicBool = AtomicBool::new(false);

/// Prepares a [`Reporter`].
#[derive(Clone, Debug)]
pub struct Builder {
    settings: Settings,
    prefix: String,
    batch_id: Option<String>,
    source: Source,
    intervals: Intervals,
    voice: Option<Voice>,
    experiment_type: Option<String>,
    n_total: i64,
    announce: bool,
    env_extra: Fields,
}

impl Builder {
    /// A batch with an id that begins with `prefix`, and everything else as usual.
    pub fn new(prefix: &str) -> Self {
        let checkout = Checkout::at(Path::new("."));
        let source = Source {
            project: vars::text(vars::PROJECT).unwrap_or_else(|| "default".into()),
            host: Probe::live().hostname().ok(),
            user: vars::first(&["USER", "USERNAME"]),
            commit: checkout.and_then(|c| c.short().map(str::to_owned)),
            command: None,
        };
        Self {
            settings: Settings::from_env(),
            prefix: prefix.to_owned(),
            batch_id: None,
            source,
            intervals: Intervals {
                heartbeat: Some(Duration::from_secs(300)),
                stop_poll: Some(Duration::from_secs(10)),
                resources: Some(Duration::from_secs(30)),
                env_snapshot: !vars::says_no(vars::ENV_SNAPSHOT),
            },
            voice: None,
            experiment_type: None,
            n_total: 0,
            announce: true,
            env_extra: Fields::new(),
        }
    }

    /// Server, token, mode.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// A given id, of a new batch or of one to go on with. Without it `ARGUS_BATCH_ID` counts,
    /// then a fresh one is made.
    #[must_use]
    pub fn batch_id(mut self, id: &str) -> Self {
        self.batch_id = Some(id.to_owned());
        self
    }

    /// Project the batch belongs to.
    #[must_use]
    pub fn project(mut self, project: &str) -> Self {
        self.source.project = project.to_owned();
        self
    }

    /// Host, user and commit other than those of this process, for importers.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// Where events come from, as it looks so far.
    pub fn described(&self) -> &Source {
        &self.source
    }

    /// Kind of experiment.
    #[must_use]
    pub fn experiment_type(mut self, kind: &str) -> Self {
        self.experiment_type = Some(kind.to_owned());
        self
    }

    /// Command line, for a rerun.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.source.command = Some(command.to_owned());
        self
    }

    /// Number of jobs planned.
    #[must_use]
    pub fn n_total(mut self, jobs: i64) -> Self {
        self.n_total = jobs;
        self
    }

    /// What happens at which intervals.
    #[must_use]
    pub fn intervals(mut self, intervals: Intervals) -> Self {
        self.intervals = intervals;
        self
    }

    /// The intervals so far.
    pub fn wanted(&self) -> Intervals {
        self.intervals
    }

    /// Where notices go; standard error, unless `ARGUS_SILENT` is set.
    #[must_use]
    pub fn voice(mut self, voice: Voice) -> Self {
        self.voice = Some(voice);
        self
    }

    /// Records no `batch_start` of its own: for importers and for processes of a batch that
    /// another one began.
    #[must_use]
    pub fn unannounced(mut self) -> Self {
        self.announce = false;
        self
    }

    /// Facts for the description of code and environment that only the caller knows.
    #[must_use]
    pub fn environment(mut self, facts: Fields) -> Self {
        self.env_extra = facts;
        self
    }

    /// Starts reporting. Never fails: without a server, or disabled, nothing is recorded.
    pub fn start(self) -> Reporter {
        let pinned = || {
            let id = vars::text(vars::BATCH_ID)?;
            (!PINNED.swap(true, Ordering::Relaxed)).then_some(id)
        };
        let id = self.batch_id.or_else(pinned);
        let id = id.unwrap_or_else(|| new_batch_id(&self.prefix));
        let usual = match self.settings.silent {
            true => Voice::Mute,
            false => Voice::Stderr,
        };
        let voice = self.voice.unwrap_or(usual);
        let mut intervals = self.intervals;
        if self.settings.mode != Mode::Online {
            intervals.stop_poll = None;
        }
        let shared = Shared::new(
            self.settings,
            id,
            self.source,
            intervals,
            Notices::new(voice),
            self.env_extra,
        );
        let reporter = Reporter {
            core: Arc::new(Core::start(shared, voice)),
            begun: Instant::now(),
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            console: Mutex::default(),
        };
        if self.announce {
            let mut data = Fields::new();
            let kind = self.experiment_type.unwrap_or_else(|| "experiment".into());
            data.insert("experiment_type".into(), kind.into());
            data.insert("n_total_jobs".into(), self.n_total.into());
            let command = reporter.core.shared().source.command.clone();
            data.insert("command".into(), command.into());
            reporter.record(Kind::BatchStart, None, data);
        }
        reporter
    }
}

/// Reports one batch. Its calls neither block nor fail.
///
/// May be used from any thread, and after a fork: see the crate's documentation.
#[derive(Debug)]
pub struct Reporter {
    pub(crate) core: Arc<Core>,
    begun: Instant,
    done: AtomicU64,
    failed: AtomicU64,
    console: Mutex<Option<Capture>>,
}

impl Reporter {
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

    /// Whether somebody asked the batch to stop. Costs next to nothing: ask once per step.
    pub fn stopped(&self) -> bool {
        let own = self.core.here().shared();
        own.stopped.load(Ordering::Acquire) || self.core.shared().stopped.load(Ordering::Acquire)
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

    /// Counts a job that ended, for `batch_done`.
    pub fn count_job(&self, well: bool) {
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

    /// Things to say to people, when the voice is [`Voice::Kept`].
    pub fn notices(&self) -> &Notices {
        &self.core.here().shared().notices
    }

    /// Waits until the server has everything recorded so far; whether it has.
    pub fn drain(&self, limit: Duration) -> bool {
        self.core.here().shared().inbox.drain(limit)
    }

    /// Ends the batch well and sends what is left, for at most [`CLOSE`]. What the server does not
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
