//! Hyper-parameter studies and their trials.

use crate::trials::{self, Trial, summed};
use axum::Json;
use axum::extract::State;
use domain::importance::{self, Sample};
use runtime::Services;
use serde::Serialize;
use serde_json::{Map, Value};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use web::fields::json_of;
use web::{ApiError, ApiResult, Caller, Params, PathParams};
use wire::Code;

/// A study in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyRow {
    /// Name.
    pub study_name: String,
    /// Trials.
    pub n_trials: usize,
    /// Done.
    pub n_done: usize,
    /// Failed.
    pub n_failed: usize,
    /// Best value.
    pub best_value: Option<f64>,
    /// Its metric.
    pub best_metric: Option<String>,
    /// `minimize` or `maximize`.
    pub direction: Option<String>,
    /// Sampler.
    pub sampler: Option<String>,
    /// Client's time of the newest start.
    pub last_run: Option<String>,
}

/// Studies.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudiesOut {
    /// Newest run first.
    pub studies: Vec<StudyRow>,
}

/// Lists studies.
#[utoipa::path(get, path = "/api/studies", tag = "studies", responses((status = 200, body = StudiesOut)))]
pub async fn list_studies(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<StudiesOut>> {
    let mut by_name: BTreeMap<String, Vec<Trial>> = BTreeMap::new();
    for trial in trials::visible(&services, &caller, None).await? {
        by_name.entry(trial.study.clone()).or_default().push(trial);
    }
    let mut studies: Vec<_> = by_name.into_iter().collect();
    studies.sort_by_key(|(_, trials)| Reverse(trials.iter().map(|t| t.job.start_time.at).max()));
    let row = |(study_name, trials): (String, Vec<Trial>)| {
        let sum = summed(&trials);
        let (best_metric, best_value) = sum.best.unzip();
        StudyRow {
            study_name,
            n_trials: trials.len(),
            n_done: sum.done,
            n_failed: sum.failed,
            best_value,
            best_metric,
            direction: sum.direction,
            sampler: sum.sampler,
            last_run: sum.last_run,
        }
    };
    let studies = studies.into_iter().map(row).collect();
    Ok(Json(StudiesOut { studies }))
}

/// A trial.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialOut {
    /// Study.
    pub study_name: String,
    /// Number inside the study.
    pub trial_id: i64,
    /// Job.
    pub job_id: String,
    /// Batch.
    pub batch_id: String,
    /// Status.
    pub status: String,
    /// Client's time of the start.
    pub start_time: String,
    /// Client's time of the end.
    pub end_time: Option<String>,
    /// Seconds it took.
    pub elapsed_s: Option<i64>,
    /// Parameters.
    pub params: Map<String, Value>,
    /// Value the study looks at.
    pub value: Option<f64>,
    /// Metric of the value.
    pub metric_name: Option<String>,
    /// Final metrics.
    pub metrics: Option<Value>,
}

impl From<Trial> for TrialOut {
    fn from(trial: Trial) -> Self {
        let (metric_name, value) = trial.value.unzip();
        let job = trial.job;
        Self {
            study_name: trial.study,
            trial_id: trial.id,
            metrics: job
                .metrics
                .as_ref()
                .map(|metrics| Value::Object(json_of(metrics))),
            job_id: job.id,
            batch_id: job.batch_id,
            status: job.status,
            start_time: job.start_time.text,
            end_time: job.end_time.map(|time| time.text),
            elapsed_s: job.elapsed_s,
            params: trial.params,
            value,
            metric_name,
        }
    }
}

/// A study with its trials.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyOut {
    /// Name.
    pub study_name: String,
    /// `minimize` or `maximize`.
    pub direction: Option<String>,
    /// Sampler.
    pub sampler: Option<String>,
    /// Trials.
    pub n_trials: usize,
    /// Done.
    pub n_done: usize,
    /// Failed.
    pub n_failed: usize,
    /// Best value.
    pub best_value: Option<f64>,
    /// Its metric.
    pub best_metric: Option<String>,
    /// Names of all parameters, sorted.
    pub param_keys: Vec<String>,
    /// Names of all metrics, sorted.
    pub metric_keys: Vec<String>,
    /// Share of the value's variance each parameter explains by itself, 0..1; see
    /// `domain::importance`.
    pub importance: BTreeMap<String, f64>,
    /// Trials in the order asked for.
    pub trials: Vec<TrialOut>,
}

/// Shows a study; an unknown one has no trials.
#[utoipa::path(get, path = "/api/studies/{study_name}", tag = "studies",
    params(("study_name" = String, Path), ("sort" = Option<String>, Query, description = "value (default), trial_id, start_time"),
        ("order" = Option<String>, Query, description = "asc (default: best first), desc")),
    responses((status = 200, body = StudyOut), (status = 400, description = "sort or order")))]
pub async fn show_study(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<StudyOut>> {
    let word = |name: &str, words: &[&'static str]| {
        let wrong = |_| ApiError::with(Code::SortInvalid, [name.to_owned(), words.join(", ")]);
        params.choice(name, words).map_err(wrong)
    };
    let sort = word("sort", &["value", "trial_id", "start_time"])?;
    let order = word("order", &["asc", "desc"])?;
    let mut trials = trials::visible(&services, &caller, Some(path.text(0))).await?;
    trials.sort_by(|a, b| {
        let by = match sort {
            "trial_id" => a.id.cmp(&b.id),
            "start_time" => a.job.start_time.at.cmp(&b.job.start_time.at),
            _ => by_value(a, b),
        };
        (if order == "desc" { by.reverse() } else { by }).then(a.id.cmp(&b.id))
    });
    let keys = |of: &dyn Fn(&Trial) -> Vec<String>| {
        let keys: BTreeSet<String> = trials.iter().flat_map(of).collect();
        keys.into_iter().collect::<Vec<_>>()
    };
    let sum = summed(&trials);
    let (best_metric, best_value) = sum.best.unzip();
    Ok(Json(StudyOut {
        study_name: path.text(0).to_owned(),
        direction: sum.direction,
        sampler: sum.sampler,
        n_trials: trials.len(),
        n_done: sum.done,
        n_failed: sum.failed,
        best_value,
        best_metric,
        param_keys: keys(&|trial| trial.params.keys().cloned().collect()),
        metric_keys: keys(&|trial| {
            trial
                .job
                .metrics
                .iter()
                .flatten()
                .map(|(k, _)| k.clone())
                .collect()
        }),
        importance: importance::of(&samples(&trials)),
        trials: trials.into_iter().map(TrialOut::from).collect(),
    }))
}

/// Best first; trials without a value last.
fn by_value(a: &Trial, b: &Trial) -> Ordering {
    let value = |trial: &Trial| trial.value.as_ref().map(|(_, value)| *value);
    match (value(a), value(b)) {
        (Some(x), Some(y)) if a.direction().better(x, y) => Ordering::Less,
        (Some(x), Some(y)) if a.direction().better(y, x) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

fn samples(trials: &[Trial]) -> Vec<Sample> {
    let sample = |trial: &Trial| {
        let (_, value) = trial.value.as_ref()?;
        let params = trial
            .params
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string()));
        Some(Sample {
            value: *value,
            params: params.collect(),
        })
    };
    trials.iter().filter_map(sample).collect()
}

/// Shows a trial.
#[utoipa::path(get, path = "/api/studies/{study_name}/trials/{trial_id}", tag = "studies",
    params(("study_name" = String, Path), ("trial_id" = i64, Path)),
    responses((status = 200, body = TrialOut), (status = 404, description = "no such trial"),
        (status = 422, description = "no number")))]
pub async fn show_trial(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<TrialOut>> {
    let id = path.integer(1, "trial_id")? as i64;
    let trials = trials::visible(&services, &caller, Some(path.text(0))).await?;
    let trial = trials.into_iter().find(|trial| trial.id == id);
    trial
        .map(|trial| Json(trial.into()))
        .ok_or_else(|| ApiError::new(Code::TrialNotFound))
}
