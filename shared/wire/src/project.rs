//! The figures of a project, with the same names on every route.

use domain::figures::Figures;
use domain::project::is_demo;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A model with its best result.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopModel {
    /// Model.
    pub model: Option<String>,
    /// Data set.
    pub dataset: Option<String>,
    /// Metric.
    pub metric_name: String,
    /// Its value.
    pub metric_value: f64,
}

/// What a card of a project shows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectFigures {
    /// What scripts send.
    pub project: String,
    /// What people read.
    pub name: String,
    /// `private` or `public`.
    pub visibility: &'static str,
    /// Batches.
    pub n_batches: usize,
    /// Batches at work.
    pub running_batches: usize,
    /// Live jobs done.
    pub jobs_done: i64,
    /// Live jobs failed.
    pub jobs_failed: i64,
    /// Seconds until the last planned job of its batches at work is done.
    pub eta_seconds: Option<i64>,
    /// Server time of the newest event.
    pub last_event_at: Option<String>,
    /// The caller starred it.
    pub is_starred: bool,
    /// It came with the installation.
    pub is_demo: bool,
    /// Failed of all that ended.
    pub failure_rate: Option<f64>,
    /// Hours of all jobs.
    pub gpu_hours: f64,
    /// Best models.
    pub top_models: Vec<TopModel>,
    /// Batches started per UTC day, oldest first, today last.
    pub batch_volume_7d: Vec<usize>,
}

impl ProjectFigures {
    /// The figures of `project` at `now`.
    pub fn of(project: &Figures<'_>, is_starred: bool, now: Timestamp) -> Self {
        let (jobs_done, jobs_failed) = project.counts();
        let top_models = project.top_models().into_iter().map(|top| TopModel {
            model: top.model.map(str::to_owned),
            dataset: top.dataset.map(str::to_owned),
            metric_name: top.metric.to_owned(),
            metric_value: top.value,
        });
        Self {
            project: project.name.to_owned(),
            name: project.title().to_owned(),
            visibility: project.visibility().as_str(),
            n_batches: project.parts.len(),
            running_batches: project.running(),
            jobs_done,
            jobs_failed,
            eta_seconds: project.eta_seconds(),
            last_event_at: project.last_event_at().map(Timestamp::to_text),
            is_starred,
            is_demo: is_demo(project.name),
            failure_rate: project.failure_rate(),
            gpu_hours: project.gpu_hours(),
            top_models: top_models.collect(),
            batch_volume_7d: project.volume(now),
        }
    }
}
