//! One job of a batch.

use crate::artifact::Owner;
use crate::core::Core;
use crate::event::{Fields, Kind, Middle};
use crate::json::{self, Object};
use crate::run::Reporter;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Prepares a [`Job`].
#[derive(Debug)]
pub struct JobBuilder<'a> {
    reporter: &'a Reporter,
    job_id: String,
    data: Fields,
}

impl<'a> JobBuilder<'a> {
    pub(crate) fn new(reporter: &'a Reporter, job_id: &str) -> Self {
        Self {
            reporter,
            job_id: job_id.to_owned(),
            data: Fields::new(),
        }
    }

    /// Name of the model.
    #[must_use]
    pub fn model(self, model: &str) -> Self {
        self.with("model", model)
    }

    /// Name of the data set.
    #[must_use]
    pub fn dataset(self, dataset: &str) -> Self {
        self.with("dataset", dataset)
    }

    /// Any other fact, such as `tags` or `optuna`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }

    /// Starts the job.
    pub fn start(self) -> Job<'a> {
        let shared = self.reporter.core.here().shared();
        shared.set_active_job(Some(&self.job_id));
        let job = Job {
            stream: self.reporter.stream(None, Some(&self.job_id)),
            core: Arc::clone(&self.reporter.core),
            reporter: self.reporter,
            job_id: self.job_id,
            begun: Instant::now(),
            epochs: AtomicI64::new(0),
            metrics: Mutex::default(),
            ended: false,
        };
        self.reporter
            .record(Kind::JobStart, Some(&job.job_id), self.data);
        job
    }
}

/// The events of one job, or of none, for those who write their `data` themselves.
#[derive(Clone, Debug)]
pub struct Stream {
    core: Arc<Core>,
    middle: Middle,
}

impl Stream {
    pub(crate) fn new(core: &Arc<Core>, batch_id: &str, job_id: Option<&str>) -> Self {
        Self {
            middle: Middle::new(batch_id, job_id, &core.shared().source),
            core: Arc::clone(core),
        }
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.core.is_on()
    }

    /// Records an event that happens now. `data` must be a JSON object without line ends.
    pub fn write(&self, kind: Kind, data: &[u8]) {
        if self.core.is_on() {
            self.core
                .here()
                .shared()
                .inbox
                .push(kind, &self.middle, data);
        }
    }

    /// Whether [`Reporter::notices`] has something to give.
    pub fn has_notices(&self) -> bool {
        self.core.here().shared().notices.is_waiting()
    }
}

/// What an epoch reports; everything but its number may be left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Epoch<'a> {
    /// Number, as the script counts.
    pub epoch: i64,
    /// Training loss.
    pub train_loss: Option<f64>,
    /// Validation loss.
    pub val_loss: Option<f64>,
    /// Learning rate.
    pub lr: Option<f64>,
    /// Time of one batch of samples, in milliseconds.
    pub batch_time_ms: Option<f64>,
    /// Any other numbers.
    pub extra: &'a [(&'a str, f64)],
}

/// A job that is being reported. Dropped without an end, it counts as failed when its thread
/// panics, and as done otherwise.
#[derive(Debug)]
pub struct Job<'a> {
    reporter: &'a Reporter,
    core: Arc<Core>,
    stream: Stream,
    job_id: String,
    begun: Instant,
    epochs: AtomicI64,
    metrics: Mutex<Fields>,
    ended: bool,
}

impl Job<'_> {
    /// Id of the job.
    pub fn id(&self) -> &str {
        &self.job_id
    }

    /// Whether somebody asked the batch to stop.
    pub fn stopped(&self) -> bool {
        self.reporter.stopped()
    }

    /// Records an epoch.
    pub fn epoch(&self, epoch: Epoch<'_>) {
        self.epochs
            .fetch_max(epoch.epoch.saturating_add(1), Ordering::Relaxed);
        if !self.core.is_on() {
            return;
        }
        let mut out = Vec::with_capacity(192);
        let mut object = Object::begin(&mut out);
        object
            .integer("epoch", Some(epoch.epoch))
            .float("train_loss", epoch.train_loss)
            .float("val_loss", epoch.val_loss)
            .float("lr", epoch.lr)
            .float("batch_time_ms", epoch.batch_time_ms);
        for (name, value) in epoch.extra {
            object.float(name, Some(*value));
        }
        object.end();
        self.stream.write(Kind::JobEpoch, &out);
    }

    /// Keeps a final metric; it is reported when the job ends well.
    pub fn metric(&self, name: &str, value: f64) {
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.insert(name.to_owned(), json::number(value));
    }

    /// Records a line of output.
    pub fn log(&self, level: &str, line: &str) {
        if !self.core.is_on() {
            return;
        }
        let mut out = Vec::with_capacity(line.len() + 48);
        let mut object = Object::begin(&mut out);
        object.text("line", Some(line)).text("level", Some(level));
        object.end();
        self.stream.write(Kind::LogLine, &out);
    }

    /// Sends a file and waits for it; whether the server has it.
    pub fn upload(&self, path: &Path) -> bool {
        self.reporter.upload_for(Owner::Job(&self.job_id), &[path]) == 1
    }

    /// Ends the job well, or as stopped if [`Job::stopped`] said so.
    pub fn done(mut self) {
        self.end(None);
    }

    /// Ends the job with an error.
    pub fn failed(mut self, reason: &str) {
        self.end(Some(reason));
    }

    fn end(&mut self, reason: Option<&str>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let mut data = Fields::new();
        let elapsed = Value::from(self.begun.elapsed().as_secs_f64());
        let kind = match reason {
            Some(reason) => {
                data.insert("status".into(), "FAILED".into());
                data.insert("reason".into(), reason.into());
                Kind::JobFailed
            }
            None => {
                let cut_short = self.reporter.heeded();
                let status = if cut_short { "STOPPED" } else { "DONE" };
                data.insert("status".into(), status.into());
                let metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
                if !metrics.is_empty() {
                    data.insert("metrics".into(), Value::Object(metrics.clone()));
                }
                let epochs = self.epochs.load(Ordering::Relaxed);
                if epochs > 0 {
                    data.insert("train_epochs".into(), epochs.into());
                }
                Kind::JobDone
            }
        };
        data.insert("elapsed_s".into(), elapsed);
        self.reporter.count_job(reason.is_none());
        self.reporter.record(kind, Some(&self.job_id), data);
        let shared = self.core.here().shared();
        if shared.active_job().as_deref() == Some(self.job_id.as_str()) {
            shared.set_active_job(None);
        }
        self.core.here().settle_child();
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        self.end(std::thread::panicking().then_some("the thread panicked"));
    }
}
