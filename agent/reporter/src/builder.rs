//! Preparing a batch.

use crate::core::Core;
use crate::event::{Fields, Kind, Source};
use crate::git::Checkout;
use crate::ids::new_batch_id;
use crate::notice::{Notices, Voice};
use crate::run::Reporter;
use crate::settings::{Mode, Settings};
use crate::shared::{Intervals, Shared};
use crate::vars;
use probe::Probe;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
        let reporter = Reporter::of(Core::start(shared, voice));
        if self.announce {
            let mut data = Fields::new();
            let kind = self.experiment_type.unwrap_or_else(|| "experiment".into());
            data.insert("experiment_type".into(), kind.into());
            data.insert("n_total_jobs".into(), self.n_total.into());
            let command = reporter.command().map(str::to_owned);
            data.insert("command".into(), command.into());
            reporter.record(Kind::BatchStart, None, data);
        }
        reporter
    }
}
