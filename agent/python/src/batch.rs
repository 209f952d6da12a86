//! A batch and the streams of its jobs.

use crate::convert;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use reporter::json::Object;
use reporter::{Builder, Fields, Intervals, Kind, Reporter, Settings, Source, Voice, Weight};
use std::path::PathBuf;
use std::time::Duration;

/// Seconds as a time; zero and less is "never".
fn every(seconds: f64) -> Option<Duration> {
    let wanted = seconds > 0.0 && seconds.is_finite();
    wanted.then(|| Duration::from_secs_f64(seconds.clamp(0.01, 1e9)))
}

fn limit(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(reporter::CLOSE)
}

fn json_of(dict: &Bound<'_, PyDict>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let mut object = Object::begin(&mut out);
    convert::fields(&mut object, dict);
    object.end();
    out
}

fn fields_of(dict: &Bound<'_, PyDict>) -> Fields {
    serde_json::from_slice(&json_of(dict)).unwrap_or_default()
}

/// A batch that is being reported.
#[pyclass(frozen, module = "argus._native")]
pub struct Batch {
    pub(crate) reporter: Reporter,
}

#[pymethods]
impl Batch {
    /// Starts reporting; `options` are the names below.
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyDict>) -> Self {
        let item = |name: &str| options.get_item(name).ok().flatten();
        let given = |name: &str| item(name).filter(|value| !value.is_none());
        let text = |name: &str| given(name).map(|value| convert::text_of(&value));
        let number = |name: &str| given(name).and_then(|v| convert::number(&v)).unwrap_or(0.0);
        let is = |name: &str| given(name).is_some_and(|v| v.is_truthy().unwrap_or(false));
        let (url, token) = (text("url"), text("token"));
        let mut settings = Settings::resolve(url.as_deref(), token.as_deref());
        settings.agent = format!("argus-reporter/{} (+schema=1.1)", crate::version());
        if let Some(dir) = text("dir") {
            settings.dir = PathBuf::from(dir);
        }
        let mut builder = Builder::new(&text("prefix").unwrap_or_else(|| "batch".into()));
        let mut source: Source = builder.described().clone();
        let over = |slot: &mut Option<String>, name: &str| {
            if let Some(given) = text(name) {
                *slot = Some(given);
            }
        };
        over(&mut source.host, "host");
        over(&mut source.user, "user");
        over(&mut source.commit, "commit");
        over(&mut source.command, "command");
        if let Some(project) = text("project") {
            source.project = project;
        }
        builder = builder
            .source(source)
            .settings(settings)
            .voice(Voice::Kept)
            .n_total(number("n_total") as i64)
            .intervals(Intervals {
                heartbeat: every(number("heartbeat")),
                stop_poll: every(number("stop_polling")),
                resources: every(number("resource_snapshot")),
                env_snapshot: is("env_snapshot") && builder_wants_env(),
            });
        if let Some(id) = text("batch_id") {
            builder = builder.batch_id(&id);
        }
        if let Some(kind) = text("experiment_type") {
            builder = builder.experiment_type(&kind);
        }
        if !is("announce") {
            builder = builder.unannounced();
        }
        if let Some(facts) = given("facts")
            && let Ok(facts) = facts.cast::<PyDict>()
        {
            builder = builder.environment(fields_of(facts));
        }
        let reporter = py.detach(move || builder.start());
        Self { reporter }
    }

    /// Id of the batch.
    #[getter]
    fn batch_id(&self) -> &str {
        self.reporter.batch_id()
    }

    /// Whether anything is recorded.
    #[getter]
    fn is_on(&self) -> bool {
        self.reporter.is_on()
    }

    /// Whether somebody asked the batch to stop.
    #[getter]
    fn stopped(&self) -> bool {
        self.reporter.stopped()
    }

    /// Whether the script was told so.
    #[getter]
    fn heeded(&self) -> bool {
        self.reporter.heeded()
    }

    /// Server in use, without a slash at the end.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.reporter.settings().url.as_deref()
    }

    /// The events of a job, or of none; of this batch unless another id is given.
    #[pyo3(signature = (job_id=None, batch_id=None))]
    fn stream(
        &self,
        job_id: Option<&Bound<'_, PyAny>>,
        batch_id: Option<&Bound<'_, PyAny>>,
    ) -> Stream {
        let (job, batch) = (job_id.map(convert::text_of), batch_id.map(convert::text_of));
        Stream {
            stream: self.reporter.stream(batch.as_deref(), job.as_deref()),
        }
    }

    /// Names the job that runs, for signs of life.
    #[pyo3(signature = (job_id))]
    fn set_active_job(&self, job_id: Option<&Bound<'_, PyAny>>) {
        let job = job_id.map(convert::text_of);
        self.reporter.set_active_job(job.as_deref());
    }

    /// Counts a job that ended.
    fn count_job(&self, well: bool) {
        self.reporter.count_job(well);
    }

    /// In a forked child, waits until its events are on disk.
    fn settle_child(&self, py: Python<'_>) {
        py.detach(|| self.reporter.settle_child());
    }

    /// Waits until the server has everything; whether it has within `seconds`.
    fn drain(&self, py: Python<'_>, seconds: f64) -> bool {
        py.detach(|| self.reporter.drain(limit(seconds)))
    }

    /// Ends the batch, with an error if there is a reason, and sends what is left.
    #[pyo3(signature = (reason, seconds))]
    fn end(&self, py: Python<'_>, reason: Option<&Bound<'_, PyAny>>, seconds: f64) -> bool {
        let reason = reason.map(convert::text_of);
        py.detach(|| self.reporter.end(reason.as_deref(), limit(seconds)))
    }

    /// Sends what is left and ends nothing.
    fn close(&self, py: Python<'_>, seconds: f64) -> bool {
        py.detach(|| self.reporter.close(limit(seconds)))
    }

    /// Begins to record what this process and its children print, if `asked` or by
    /// `ARGUS_CONSOLE`; whether it does now.
    fn capture_console(&self, py: Python<'_>, asked: bool) -> bool {
        let wanted = asked || reporter::vars::says_yes(reporter::vars::CONSOLE);
        wanted && py.detach(|| self.reporter.capture_console())
    }

    /// Ends that.
    fn release_console(&self, py: Python<'_>) {
        py.detach(|| self.reporter.release_console());
    }

    /// Counters: events stored, refused, dropped, and bytes unsent.
    fn stats(&self) -> (u64, u64, u64, u64) {
        let stats = self.reporter.stats();
        (
            stats.stored,
            stats.refused,
            stats.dropped,
            stats.unsent_bytes,
        )
    }

    /// Things to say to people: pairs of a level of `logging` and a text.
    fn notices(&self) -> Vec<(u8, String)> {
        let level = |weight| match weight {
            Weight::Info => 20,
            Weight::Warning => 30,
            Weight::Error => 40,
        };
        let notices = self.reporter.notices().take();
        notices
            .into_iter()
            .map(|n| (level(n.weight), n.text))
            .collect()
    }
}

fn builder_wants_env() -> bool {
    !reporter::vars::says_no(reporter::vars::ENV_SNAPSHOT)
}

/// The events of one job, or of none.
#[pyclass(frozen, module = "argus._native")]
pub struct Stream {
    stream: reporter::Stream,
}

#[pymethods]
impl Stream {
    /// Records an epoch; whether there is something to say to people.
    #[expect(
        clippy::too_many_arguments,
        reason = "called in the training loop: packing them would cost more than the call"
    )]
    fn epoch(
        &self,
        epoch: i64,
        train_loss: &Bound<'_, PyAny>,
        val_loss: &Bound<'_, PyAny>,
        lr: &Bound<'_, PyAny>,
        batch_time_ms: &Bound<'_, PyAny>,
        extra: &Bound<'_, PyDict>,
    ) -> bool {
        if !self.stream.is_on() {
            return self.stream.has_notices();
        }
        let mut out = Vec::with_capacity(256);
        let mut object = Object::begin(&mut out);
        object.integer("epoch", Some(epoch));
        let known = [
            ("train_loss", train_loss),
            ("val_loss", val_loss),
            ("lr", lr),
            ("batch_time_ms", batch_time_ms),
        ];
        for (name, value) in known {
            if !value.is_none() {
                convert::put(&mut object, name, value);
            }
        }
        convert::fields(&mut object, extra);
        object.end();
        self.stream.write(Kind::JobEpoch, &out);
        self.stream.has_notices()
    }

    /// Records a line of output; whether there is something to say to people.
    fn log(&self, line: &Bound<'_, PyAny>, level: &Bound<'_, PyAny>) -> bool {
        if self.stream.is_on() {
            let (line, level) = (
                convert::text_of(line),
                convert::text_of(level).to_lowercase(),
            );
            let mut out = Vec::with_capacity(line.len() + 48);
            let mut object = Object::begin(&mut out);
            object.text("line", Some(&line)).text("level", Some(&level));
            object.end();
            self.stream.write(Kind::LogLine, &out);
        }
        self.stream.has_notices()
    }

    /// Records an event of a kind; whether that kind exists.
    fn record(&self, kind: &str, data: &Bound<'_, PyDict>) -> bool {
        let Some(kind) = Kind::parse(kind) else {
            return false;
        };
        if self.stream.is_on() {
            self.stream.write(kind, &json_of(data));
        }
        true
    }
}
