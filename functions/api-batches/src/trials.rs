//! Trials of hyper-parameter studies: jobs that say `optuna: {study_name, …}` when they begin.

use domain::job::Job;
use domain::metric::{self, Direction};
use domain::status;
use runtime::{Identity, Services};
use serde_json::{Map, Value};
use web::{ApiResult, visible};

/// A job with what it says about its study.
pub struct Trial {
    /// The job.
    pub job: Job,
    /// Study.
    pub study: String,
    /// Number inside the study; a job without one is no trial.
    pub id: i64,
    /// Parameters.
    pub params: Map<String, Value>,
    /// Which way the study goes.
    pub direction: Option<String>,
    /// How parameters are chosen.
    pub sampler: Option<String>,
    /// Metric the value is taken from, and the value.
    pub value: Option<(String, f64)>,
}

impl Trial {
    fn read(job: &Job) -> Option<Self> {
        let said: Map<String, Value> = serde_json::from_str(job.extra.get("optuna")?).ok()?;
        let text = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
        let id = ["trial_id", "trial_number"]
            .iter()
            .find_map(|key| said.get(*key));
        let id = id.and_then(|id| id.as_i64().or_else(|| id.as_str()?.trim().parse().ok()))?;
        Some(Self {
            study: text("study_name").filter(|name| !name.is_empty())?,
            id,
            params: said
                .get("params")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
            direction: text("direction"),
            sampler: text("sampler"),
            value: value(job, text("target_metric").as_deref()),
            job: job.clone(),
        })
    }

    /// Whether more is better.
    pub fn direction(&self) -> Direction {
        match self.direction.as_deref() {
            Some(word) if word.eq_ignore_ascii_case("maximize") => Direction::Maximize,
            _ => Direction::Minimize,
        }
    }
}

/// The target metric when it has a finite value, else MSE, else the first finite one by name.
fn value(job: &Job, target: Option<&str>) -> Option<(String, f64)> {
    let metrics = job.metrics.as_ref()?;
    let finite = |name: &str| {
        let value = metrics.get(name).and_then(|json| metric::number(json));
        value
            .filter(|v| v.is_finite())
            .map(|value| (name.to_owned(), value))
    };
    target
        .and_then(finite)
        .or_else(|| finite("MSE"))
        .or_else(|| metrics.keys().find_map(|name| finite(name)))
}

/// The trials the caller may see, of one study or of all.
pub async fn visible(
    services: &Services,
    who: &Identity,
    study: Option<&str>,
) -> ApiResult<Vec<Trial>> {
    let batches = visible::batches(services, who, None, None).await?;
    let jobs = services.store.live_jobs(&batches).await?;
    let trials = jobs
        .iter()
        .flat_map(|jobs| jobs.iter())
        .filter_map(Trial::read);
    Ok(trials
        .filter(|trial| study.is_none_or(|study| trial.study == study))
        .collect())
}

/// Figures of the trials of one study.
pub struct Summary {
    /// Trials done.
    pub done: usize,
    /// Trials failed.
    pub failed: usize,
    /// Best value with its metric.
    pub best: Option<(String, f64)>,
    /// Which way the study goes, as its newest trial says.
    pub direction: Option<String>,
    /// Sampler, likewise.
    pub sampler: Option<String>,
    /// Newest start.
    pub last_run: Option<String>,
}

/// Sums up trials of one study.
pub fn summed(trials: &[Trial]) -> Summary {
    let count = |is: fn(&str) -> bool| trials.iter().filter(|t| is(&t.job.status)).count();
    let newest = trials.iter().max_by_key(|t| t.job.start_time.at);
    let mut best: Option<&(String, f64)> = None;
    for trial in trials {
        if let Some(value) = &trial.value
            && best.is_none_or(|held| trial.direction().better(value.1, held.1))
        {
            best = Some(value);
        }
    }
    Summary {
        done: count(status::job_is_done),
        failed: count(status::job_is_failed),
        best: best.cloned(),
        direction: newest.and_then(|t| t.direction.clone()),
        sampler: newest.and_then(|t| t.sampler.clone()),
        last_run: newest.map(|t| t.job.start_time.text.clone()),
    }
}
